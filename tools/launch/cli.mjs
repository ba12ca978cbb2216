import { existsSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "./say.mjs";
import { handOver } from "./spawn.mjs";

/**
 * Runs the `jukebase` command in the folder it was called from, so that file names mean what their writer meant.
 * @param {string} root
 * @param {string} node
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export function cli(root, node, args, env) {
  const entry = join(root, "apps", "cli", "main.ts");
  if (!existsSync(entry))
    throw new Refusal(`The command line is missing: there is no ${entry}. Get the project anew and start again.`);
  return handOver(node, [entry, ...args], { cwd: process.cwd(), env });
}
