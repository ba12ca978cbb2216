import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pnpmEnvironment } from "./environment.mjs";
import { withLock } from "./lock.mjs";
import { progress, Refusal, say } from "./say.mjs";
import { runQuietly } from "./spawn.mjs";
import { writableFolder } from "./writable.mjs";

const PLATFORMS = {
  "linux-x64": "linux-x64",
  "linux-arm64": "linux-arm64",
  "darwin-x64": "darwin-x64",
  "darwin-arm64": "darwin-arm64",
  "win32-x64": "win-x64",
};

/**
 * The pinned Node and pnpm, installed by npm into `.jukebase/toolchain` when they are not there yet.
 * @param {string} root
 * @param {{ node: string, pnpm: string }} versions
 * @returns {Promise<{ node: string, pnpm: string }>} paths of the Node binary and of pnpm's entry
 */
export async function provideToolchain(root, versions) {
  const plan = planOf(root, versions);
  if (isReady(plan)) return plan;
  const folder = writableFolder(root);
  await withLock(folder, async () => {
    if (!isReady(plan)) await install(plan);
  });
  return plan;
}

/** Decides which packages are needed here and where their programs will be. */
function planOf(root, versions) {
  const folder = join(root, ".jukebase", "toolchain");
  const modules = join(folder, "node_modules");
  const packages = [`pnpm@${versions.pnpm}`];
  let node = process.execPath;
  if (process.version !== `v${versions.node}`) {
    const platform = PLATFORMS[`${process.platform}-${process.arch}`];
    if (platform !== undefined) {
      packages.unshift(`node-${platform}@${versions.node}`);
      node = join(modules, `node-${platform}`, "bin", process.platform === "win32" ? "node.exe" : "node");
    } else if (Number(process.versions.node.split(".")[0]) < Number(versions.node.split(".")[0])) {
      throw new Refusal(
        `There is no packaged Node.js for ${process.platform}-${process.arch}, and this one is ${process.version}. ` +
          `Install Node.js ${versions.node} yourself, put it first on PATH, and start again.`,
      );
    }
  }
  return { folder, packages, stamp: join(folder, "installed.txt"), node, pnpm: join(modules, "pnpm", "bin", "pnpm.mjs") };
}

/** Every wanted package was installed to the end, and its files are still there. */
function isReady({ packages, stamp, node, pnpm }) {
  if (!existsSync(stamp) || !existsSync(node) || !existsSync(pnpm)) return false;
  const installed = readFileSync(stamp, "utf8").split("\n");
  return packages.every((name) => installed.includes(name));
}

async function install(plan) {
  rmSync(plan.folder, { recursive: true, force: true });
  await mkdir(plan.folder, { recursive: true });
  const cache = join(dirname(plan.folder), "npm-cache");
  const npm = npmCommand();
  const bar = progress(`Getting ${plan.packages.join(" and ")} (once, about 100 MB)`);
  const result = await runQuietly(
    npm.program,
    [
      ...npm.args,
      ...["install", "--prefix", plan.folder, "--cache", cache, "--no-save", "--no-package-lock", "--no-audit", "--no-fund"],
      ...[
        "--ignore-scripts",
        "--include=optional",
        "--no-workspaces",
        "--global=false",
        "--no-update-notifier",
        "--loglevel=error",
        ...plan.packages,
      ],
    ],
    { cwd: plan.folder, shell: npm.shell },
  ).catch((error) => ({ code: 1, output: `npm could not be started: ${error.message}` }));
  rmSync(cache, { recursive: true, force: true });
  const problem = result.code === 0 ? await proveRunning(plan) : result.output.trim();
  if (problem !== undefined) {
    bar.failed();
    say(problem);
    throw new Refusal(
      `${plan.packages.join(" and ")} could not be installed into ${plan.folder}. npm must reach its registry once (npm ping tells); then start again.`,
    );
  }
  writeFileSync(plan.stamp, plan.packages.join("\n"));
  bar.done();
}

/** npm of the Node that runs this, as a script when it can be found (Windows cannot spawn npm.cmd without a shell). */
function npmCommand() {
  const beside = dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath,
    join(beside, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
    join(beside, "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  const script = candidates.find((path) => path?.endsWith("npm-cli.js") && existsSync(path));
  if (script !== undefined) return { program: process.execPath, args: [script], shell: false };
  return { program: "npm", args: [], shell: process.platform === "win32" };
}

/** What stands in the way of running what was installed; undefined when nothing does. */
async function proveRunning({ folder, node, pnpm }) {
  // Without its native package pnpm's entry would fetch one by itself, past the registry that npm is configured for.
  const native = existsSync(join(folder, "node_modules", "@pnpm"));
  if (!native) return `npm installed pnpm without its program for ${process.platform}-${process.arch}.`;
  const result = await runQuietly(node, [pnpm, "--version"], { cwd: folder, env: pnpmEnvironment(dirname(folder), node) }).catch(
    (error) => ({ code: 1, output: error.message }),
  );
  return result.code === 0 ? undefined : `The installed Node.js at ${node} does not run here: ${result.output.trim()}`;
}
