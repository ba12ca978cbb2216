import { openJukebase } from "@jukebase/domains/open.ts";
import { failureFields, makeLog } from "@jukebase/platform/log.ts";
import { config } from "./config.ts";
import { startAdmin } from "./server.ts";

const settings = config();
const log = makeLog(settings, "admin");
const jukebase = await openJukebase(settings, { name: "jukebase admin", say: (line) => log.info({}, line) });
const admin = await startAdmin(jukebase, {
  host: settings.host,
  port: settings.adminPort,
  onFailure: (failure, request_id) => log.error({ request_id, ...failureFields(failure) }, "A page failed."),
});
log.info({ url: admin.url }, "The console answers.");

const stop = async (): Promise<void> => {
  await admin.close();
  await jukebase.close();
};
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void stop());
