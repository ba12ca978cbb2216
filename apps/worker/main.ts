import { openJukebase } from "@jukebase/domains/open.ts";
import { makeLog } from "@jukebase/platform/log.ts";
import { runUntilSignal } from "@jukebase/platform/run-until-signal.ts";
import { config } from "./config.ts";
import { answerHealth } from "./health.ts";
import { startWorker } from "./worker.ts";

const settings = config();
const log = makeLog(settings, "worker");

await runUntilSignal("The worker", log, async () => {
  const jukebase = await openJukebase(settings, { name: "jukebase worker", say: (line) => log.info({}, line) });
  const health = await answerHealth({ host: settings.host, port: settings.workerPort, clock: jukebase.clock });
  const worker = await startWorker(jukebase, { log, onLook: health.beat });
  log.info({ url: health.url }, "The worker is at work.");
  return {
    close: async () => {
      await worker.close();
      await health.close();
      await jukebase.close();
    },
  };
});
