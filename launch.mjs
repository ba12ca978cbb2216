// Starts any Jukebase command on a machine that has nothing but Node 20 and npm: brings the pinned Node and pnpm into
// .jukebase/toolchain, installs the dependencies when they changed, then runs the command. No dependency of its own.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { check } from "./tools/launch/check.mjs";
import { cli } from "./tools/launch/cli.mjs";
import { installDependencies } from "./tools/launch/dependencies.mjs";
import { withPath } from "./tools/launch/environment.mjs";
import { Refusal, say } from "./tools/launch/say.mjs";
import { task } from "./tools/launch/task.mjs";
import { test } from "./tools/launch/test.mjs";
import { provideToolchain } from "./tools/launch/toolchain.mjs";

/** The one place that says which Node and which pnpm run Jukebase (package.json's packageManager names the same pnpm). */
const versions = { node: "26.10.0", pnpm: "12.21.0" };

try {
  process.exitCode = await launch(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  say(error.message);
  process.exitCode = 1;
}

/** @param {string[]} args */
async function launch([command = "run", ...rest]) {
  const root = dirname(fileURLToPath(import.meta.url));
  const toolchain = await provideToolchain(root, versions);
  await installDependencies(root, toolchain);
  const env = withPath(dirname(toolchain.node));
  if (command === "test") return test(root, toolchain.node, rest, env);
  if (command === "task") return task(root, toolchain, rest);
  if (command === "check") return check(root, toolchain.node, rest, env);
  return cli(root, toolchain.node, command === "run" ? rest : [command, ...rest], env);
}
