import { openJukebase } from "@jukebase/domains/open.ts";
import { failureFields, makeLog } from "@jukebase/platform/log.ts";
import { config } from "./config.ts";
import { startApi } from "./server.ts";

const settings = config();
const log = makeLog(settings, "api");
const jukebase = await openJukebase(settings, { name: "jukebase api", say: (line) => log.info({}, line) });
const api = await startApi(jukebase, { host: settings.host, port: settings.apiPort, log });
log.info({ url: api.url }, "The API answers.");

const stop = async (): Promise<void> => {
  log.info({}, "The API is stopping.");
  await api.close();
  await jukebase.close();
};
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    setTimeout(() => process.exit(1), 10_000).unref();
    stop().catch((failure: unknown) => {
      log.error(failureFields(failure), "The API did not stop in order.");
      process.exitCode = 1;
    });
  });
}
