import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pnpmEnvironment } from "./environment.mjs";
import { handOver } from "./spawn.mjs";

/**
 * Runs tasks of turbo.json (up, scenario, marts, down, check, test …) by turbo, with the pinned pnpm where turbo looks for one.
 * @param {string} root
 * @param {{ node: string, pnpm: string }} toolchain
 * @param {string[]} tasks names, then options of turbo
 */
export function task(root, toolchain, tasks) {
  const folder = join(root, ".jukebase");
  const bin = pnpmCommand(join(folder, "toolchain", "bin"), toolchain);
  const env = pnpmEnvironment(folder, toolchain.node);
  const key = Object.keys(env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  const turbo = join(root, "node_modules", "turbo", "bin", "turbo");
  return handOver(toolchain.node, [turbo, "run", ...tasks, "--ui=stream"], {
    cwd: root,
    env: { ...env, [key]: `${bin}${process.platform === "win32" ? ";" : ":"}${env[key]}`, TURBO_TELEMETRY_DISABLED: "1" },
  });
}

// npm's own link to pnpm is replaced by an install script, and none is run here.
function pnpmCommand(bin, { node, pnpm }) {
  const command = join(bin, process.platform === "win32" ? "pnpm.cmd" : "pnpm");
  if (!existsSync(command)) {
    mkdirSync(dirname(command), { recursive: true });
    writeFileSync(
      command,
      process.platform === "win32" ? `@"${node}" "${pnpm}" %*\r\n` : `#!/bin/sh\nexec "${node}" "${pnpm}" "$@"\n`,
    );
    chmodSync(command, 0o755);
  }
  return bin;
}
