import { openJukebase } from "@jukebase/domains/open.ts";
import { makeLog } from "@jukebase/platform/log.ts";
import { runUntilSignal } from "@jukebase/platform/run-until-signal.ts";
import { config } from "./config.ts";
import { startApi } from "./server.ts";

const settings = config();
const log = makeLog(settings, "api");

await runUntilSignal("The API", log, async () => {
  const jukebase = await openJukebase(settings, { name: "jukebase api", say: (line) => log.info({}, line) });
  const api = await startApi(jukebase, { host: settings.host, port: settings.apiPort, log });
  log.info({ url: api.url }, "The API answers.");
  return {
    close: async () => {
      await api.close();
      await jukebase.close();
    },
  };
});
