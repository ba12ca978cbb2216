import { randomBytes } from "node:crypto";
import { appendFile, chown, rename, rm, writeFile } from "node:fs/promises";
import { Conflict } from "../errors.ts";
import { filesOf, MAJOR, OWNER } from "./cluster.ts";
import type { Programs } from "./native.ts";
import type { Place } from "./place.ts";
import { runAs } from "./program.ts";
import { readIfThere } from "./read.ts";

/** Makes the data folder on first use, whole or not at all. Throws Conflict when there is one of another major version. */
export async function initialise({ folder, account }: Place, { initdb }: Programs, sync: boolean): Promise<void> {
  const files = filesOf(folder);
  const version = await readIfThere(files.version);
  if (version === MAJOR) return;
  if (version !== undefined) {
    throw new Conflict(
      `The data in ${files.data} was written by Postgres ${version}, and this is Postgres ${MAJOR}. Move the folder away to begin with an ` +
        `empty database, or run a Postgres ${version} on it, dump it, and load the dump.`,
    );
  }
  const half = `${files.data}.new`;
  await rm(half, { recursive: true, force: true });
  await writeFile(files.password, randomBytes(24).toString("hex"), { mode: 0o600 });
  if (account !== undefined) await chown(files.password, account.uid, account.gid);
  const made = await runAs(account, initdb, [
    ...["--pgdata", half, "--username", OWNER, "--pwfile", files.password, "--auth", "scram-sha-256", "--encoding", "UTF8"],
    ...[
      "--locale-provider",
      "builtin",
      "--builtin-locale",
      "C.UTF-8",
      "--locale",
      "C",
      "--no-instructions",
      ...(sync ? [] : ["--no-sync"]),
    ],
  ]);
  if (made.code !== 0) throw new Conflict(`No database could be made in ${folder}. initdb said: ${made.output}`);
  await appendFile(`${half}/postgresql.conf`, "\ninclude_if_exists 'jukebase.conf'\n");
  await rename(half, files.data);
}

/** The cluster's password; undefined before its first start. */
export async function passwordOf(folder: string): Promise<string | undefined> {
  return readIfThere(filesOf(folder).password);
}
