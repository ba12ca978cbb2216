import { fileURLToPath } from "node:url";
import { type Config, readConfig } from "@jukebase/platform";

/** What the environment says of the installation. Throws `Invalid` with everything that is wrong in it. */
export function config(): Config {
  return readConfig(process.env, fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, ""));
}
