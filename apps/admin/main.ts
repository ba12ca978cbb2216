import { openJukebase } from "@jukebase/domains/open.ts";
import { config } from "./config.ts";
import { startAdmin } from "./server.ts";

const settings = config();
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const jukebase = await openJukebase(settings, { name: "jukebase admin", say });
const admin = await startAdmin(jukebase, {
  host: settings.host,
  port: settings.adminPort,
  onFailure: (failure, requestId) => say(`request ${requestId} failed: ${failure.stack ?? failure.message}`),
});
say(`The console is at ${admin.url}`);

const stop = async (): Promise<void> => {
  await admin.close();
  await jukebase.close();
};
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void stop());
