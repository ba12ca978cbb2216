import { delimiter, dirname, join } from "node:path";

/**
 * The environment with `folder` first on PATH, so that every tool which calls `node` gets the pinned one.
 * @param {string} folder
 * @returns {NodeJS.ProcessEnv}
 */
export function withPath(folder) {
  // Windows spells it Path, and a copy of the environment is no longer blind to case.
  const key = Object.keys(process.env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  return { ...process.env, [key]: `${folder}${delimiter}${process.env[key] ?? ""}` };
}

/**
 * The environment for pnpm: everything that it keeps stays in the project's `.jukebase`, and it never fetches another pnpm.
 * @param {string} folder the project's `.jukebase`
 * @param {string} node the pinned Node, which runs the packages' install scripts
 * @param {string} [store] the store of an existing node_modules
 * @returns {NodeJS.ProcessEnv}
 */
export function pnpmEnvironment(folder, node, store = join(folder, "pnpm", "store")) {
  return {
    ...withPath(dirname(node)),
    pnpm_config_pm_on_fail: "ignore",
    pnpm_config_store_dir: store,
    pnpm_config_cache_dir: join(folder, "pnpm", "cache"),
    pnpm_config_state_dir: join(folder, "pnpm", "state"),
    pnpm_config_update_notifier: "false",
    pnpm_config_confirm_modules_purge: "false",
  };
}
