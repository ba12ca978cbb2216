import { existsSync } from "node:fs";
import { join } from "node:path";
import { Refusal } from "./say.mjs";
import { handOver } from "./spawn.mjs";

/**
 * Runs the project's own checks: types, format, boundaries, generated files.
 * @param {string} root
 * @param {string} node
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export function check(root, node, args, env) {
  const entry = join(root, "tools", "check.mjs");
  if (!existsSync(entry))
    throw new Refusal(`The checks are missing: there is no ${entry}. Get the project anew and start again.`);
  return handOver(node, [entry, ...args], { cwd: root, env: { ...env, TURBO_TELEMETRY_DISABLED: "1" } });
}
