import { openJukebase } from "@jukebase/domains/open.ts";
import { failureFields, makeLog } from "@jukebase/platform/log.ts";
import { config } from "./config.ts";
import { startWorker } from "./worker.ts";

const settings = config();
const log = makeLog(settings, "worker");
const jukebase = await openJukebase(settings, { name: "jukebase worker", say: (line) => log.info({}, line) });
const worker = await startWorker(jukebase, { log });
log.info({}, "The worker is at work.");

const stop = async (): Promise<void> => {
  log.info({}, "The worker is stopping.");
  await worker.close();
  await jukebase.close();
};
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    setTimeout(() => process.exit(1), 10_000).unref(); // Whatever still hangs then, the queue hands its job to another worker.
    stop().catch((failure: unknown) => {
      log.error(failureFields(failure), "The worker did not stop in order.");
      process.exitCode = 1;
    });
  });
}
