import { createHash } from "node:crypto";
import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Conflict } from "../errors.ts";
import { type Account, serverAccount } from "./account.ts";
import { filesOf } from "./cluster.ts";
import { runAs } from "./program.ts";
import { readIfThere } from "./read.ts";

/** Where root's clusters live when the project's folder is closed to the account that must run the server. */
const SHARED = "/var/lib/jukebase";

/** Where a cluster lives, who runs its server (undefined: ourselves), and where copies of programs may be put. */
export type Place = { readonly folder: string; readonly account: Account | undefined; readonly spare: string };

/** The folder that holds the cluster asked for: `asked`, or the place that a note in it names. */
export async function folderOf(asked: string): Promise<string> {
  const folder = resolve(asked);
  return (await readIfThere(filesOf(folder).moved)) ?? folder;
}

/** Settles where the cluster lives, and makes that folder. As root it may be elsewhere: then a note is left in `asked`. */
export async function settle(asked: string, onNote: (line: string) => void): Promise<Place> {
  const folder = await folderOf(asked);
  const account = await serverAccount(folder);
  await make(folder, account);
  if (account === undefined) return { folder, account, spare: folder };
  if (await reaches(account, folder)) return { folder, account, spare: SHARED };
  const elsewhere = join(SHARED, createHash("sha256").update(resolve(asked)).digest("hex").slice(0, 16));
  const there = (await serverAccount(elsewhere)) ?? account;
  await mkdir(SHARED, { recursive: true });
  await chmod(SHARED, 0o755);
  await make(elsewhere, there);
  await writeFile(filesOf(resolve(asked)).moved, `${elsewhere}\n`);
  onNote(`The database is kept in ${elsewhere}, because its user ${there.name} cannot enter ${folder}.`);
  return { folder: elsewhere, account: there, spare: SHARED };
}

async function make(folder: string, account: Account | undefined): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    if (account !== undefined) await chown(folder, account.uid, account.gid);
  } catch (cause) {
    throw new Conflict(
      `The database folder ${folder} cannot be made: ${(cause as Error).message}. Choose a folder that this user can write to.`,
      { cause },
    );
  }
}

async function reaches(account: Account, folder: string): Promise<boolean> {
  return (await runAs(account, "/bin/sh", ["-c", 'cd -- "$1" && test -w .', "sh", folder])).code === 0;
}
