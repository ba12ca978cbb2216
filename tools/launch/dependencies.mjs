import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pnpmEnvironment } from "./environment.mjs";
import { withLock } from "./lock.mjs";
import { progress, Refusal, say } from "./say.mjs";
import { runQuietly } from "./spawn.mjs";
import { writableFolder } from "./writable.mjs";

/**
 * Makes node_modules what the lockfile says; does nothing, and needs no network, when it already is.
 * @param {string} root
 * @param {{ node: string, pnpm: string }} toolchain
 */
export async function installDependencies(root, toolchain) {
  if (isInstalled(root)) return;
  const folder = writableFolder(root);
  await withLock(folder, async () => {
    if (!isInstalled(root)) await install(root, folder, toolchain);
  });
}

function isInstalled(root) {
  const stamp = stampOf(root);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint(root);
}

function stampOf(root) {
  return join(root, "node_modules", ".jukebase-stamp");
}

/**
 * Changes when the lockfile, the workspace settings or any manifest does, or the kind of machine.
 * @param {string} root
 */
export function fingerprint(root) {
  const hash = createHash("sha256").update(`${process.platform}-${process.arch}\n`);
  for (const file of [join(root, "pnpm-lock.yaml"), join(root, "pnpm-workspace.yaml"), ...manifests(root)]) {
    if (existsSync(file)) hash.update(`${relative(root, file)}\n`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** package.json of the root, of its folders and of theirs: as deep as the workspace goes. */
function manifests(root) {
  const children = (folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith("."))
      .map((entry) => join(folder, entry.name))
      .sort();
  const folders = children(root);
  return [root, ...folders, ...folders.flatMap(children)]
    .map((folder) => join(folder, "package.json"))
    .filter((file) => existsSync(file));
}

async function install(root, folder, { node, pnpm }) {
  const bar = progress(
    `Installing dependencies (${existsSync(join(root, "node_modules")) ? "they changed" : "once, about 600 MB"})`,
  );
  const wanted = fingerprint(root);
  const result = await runQuietly(
    node,
    // The lockfile is part of the project and names every file's hash; judging its packages anew would fetch 100 MB of metadata.
    [pnpm, "install", "--frozen-lockfile", "--prefer-offline", "--trust-lockfile", "--reporter=append-only"],
    {
      cwd: root,
      env: pnpmEnvironment(folder, node, storeOf(root)),
      onLine: (line) => line.startsWith("Progress:") && bar.detail(line.slice(10)),
    },
  );
  if (result.code !== 0) {
    bar.failed();
    say(result.output.trim());
    throw new Refusal(
      `The dependencies could not be installed into ${join(root, "node_modules")}; pnpm's own words are above. ` +
        "The first run needs the npm registry; if the lockfile is out of date, run pnpm install without --frozen-lockfile.",
    );
  }
  writeFileSync(stampOf(root), wanted);
  bar.done();
}

/** The store that an existing node_modules is linked from: pnpm would empty node_modules rather than change it. */
function storeOf(root) {
  const file = join(root, "node_modules", ".modules.yaml");
  if (!existsSync(file)) return undefined;
  const line = /"?storeDir"?: "?([^",\n]+)/.exec(readFileSync(file, "utf8"));
  const store = line === null ? undefined : dirname(line[1]);
  return store !== undefined && existsSync(store) ? store : undefined;
}
