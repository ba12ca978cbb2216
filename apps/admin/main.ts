import { openJukebase } from "@jukebase/domains/open.ts";
import { failureFields, makeLog } from "@jukebase/platform/log.ts";
import { runUntilSignal } from "@jukebase/platform/run-until-signal.ts";
import { config } from "./config.ts";
import { startAdmin } from "./server.ts";

const settings = config();
const log = makeLog(settings, "admin");

await runUntilSignal("The console", log, async () => {
  const jukebase = await openJukebase(settings, { name: "jukebase admin", say: (line) => log.info({}, line) });
  const admin = await startAdmin(jukebase, {
    host: settings.host,
    port: settings.adminPort,
    onFailure: (failure, request_id) => log.error({ request_id, ...failureFields(failure) }, "A page failed."),
  });
  log.info({ url: admin.url }, "The console answers.");
  return {
    close: async () => {
      await admin.close();
      await jukebase.close();
    },
  };
});
