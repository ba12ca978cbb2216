import { type ChildProcess, spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A folder for one test file, in which commands run as a reader of the documentation would type them. */
export type Scratch = {
  readonly folder: string;
  /** Runs shell lines and gives what they printed; what they export is there for the next, as in a terminal. Throws with all that was said when one of them fails. */
  readonly run: (script: string) => Promise<string>;
  /** Starts a command that goes on; stop it by its pid. */
  readonly start: (script: string) => ChildProcess;
  readonly remove: () => Promise<void>;
};

/** Makes the folder with a `./jukebase` that is `root`'s, its own home in it, and the database at `url`. */
export async function scratchFolder(root: string, url: string): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), "jukebase-docs-"));
  await writeFile(join(folder, "jukebase"), `#!/bin/sh\nexec '${process.execPath}' '${join(root, "apps/cli/main.ts")}' "$@"\n`);
  await chmod(join(folder, "jukebase"), 0o755);
  const curl = `command -v curl >/dev/null || curl() { node '${fileURLToPath(new URL("curl.mjs", import.meta.url))}' "$@"; }\n`;
  const settings = `export DATABASE_URL='${url}' JUKEBASE_HOME='${join(folder, ".jukebase")}' NO_COLOR=1\n`;
  const start = (script: string): ChildProcess =>
    spawn("sh", ["-ec", settings + curl + script], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  return {
    folder,
    start,
    run: (script) => printed(start(`${recalled}${script}\n${kept}`), script),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

const recalled = "[ ! -f .exported ] || . ./.exported\n";
const kept = "export -p > .exported\n";

function printed(child: ChildProcess, script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const said = { stdout: "", stderr: "" };
    child.stdout?.setEncoding("utf8").on("data", (text) => (said.stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text) => (said.stderr += text));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(said.stdout);
      else reject(new Error(`Exit code ${code} of\n${script}\n${said.stdout}${said.stderr}`));
    });
  });
}
