import { fileURLToPath } from "node:url";
import { type Config, readConfig } from "@jukebase/platform";

/** The project's folder. */
export const root = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");

/** What the environment says of the installation. Throws `Invalid` with everything that is wrong in it. */
export function config(): Config {
  return readConfig(process.env, root);
}

/** The editor that the person prefers, with its options. */
export function editor(): string | undefined {
  return process.env.VISUAL || process.env.EDITOR || undefined;
}
