import { readFile, stat } from "node:fs/promises";
import { Conflict } from "../errors.ts";
import { filesOf } from "./cluster.ts";
import { runAs } from "./program.ts";

/** The system user that the server runs as when we are root. */
export type Account = { readonly name: string; readonly uid: number; readonly gid: number };

const NAME = "jukebase-postgres";

/**
 * Who must run the server of `folder`: undefined for ourselves. Postgres refuses root, so root gets an ordinary user: the owner of
 * the data when there is some, else `jukebase-postgres` (made when missing), else `nobody`.
 * Throws Conflict when the data belongs to somebody else and we are not root.
 */
export async function serverAccount(folder: string): Promise<Account | undefined> {
  const us = process.getuid?.();
  if (us === undefined) return undefined;
  const data = filesOf(folder).data;
  const owner = await ownerOf(data);
  if (us === 0) return owner !== undefined && owner.uid !== 0 ? owner : ordinaryUser();
  if (owner !== undefined && owner.uid !== us) {
    throw new Conflict(
      `The database folder ${data} belongs to another user (uid ${owner.uid}; it was first started by that user or by root). ` +
        "Start it as that user, or move the folder away to begin with an empty database.",
    );
  }
  return undefined;
}

async function ownerOf(path: string): Promise<Account | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    if (error.code === "EACCES")
      throw new Conflict(
        `The database folder ${path} cannot be entered by this user. Start as its owner, or choose another folder.`,
      );
    throw error;
  });
  return found && { name: `uid ${found.uid}`, uid: found.uid, gid: found.gid };
}

async function ordinaryUser(): Promise<Account> {
  const existing = await lookUp(NAME);
  if (existing !== undefined) return existing;
  // Debian and Red Hat know useradd, Alpine adduser; a machine with neither, or with a read-only /etc, still has nobody.
  const made = await runAs(undefined, "useradd", ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME]);
  if (made.code !== 0) await runAs(undefined, "adduser", ["-S", "-D", "-H", NAME]);
  const account = (await lookUp(NAME)) ?? (await lookUp("nobody"));
  if (account === undefined) {
    throw new Conflict(
      "Postgres does not run as root, and no ordinary user could be made here. Start Jukebase as an ordinary user, or set DATABASE_URL.",
    );
  }
  return account;
}

async function lookUp(name: string): Promise<Account | undefined> {
  const line = (await readFile("/etc/passwd", "utf8")).split("\n").find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid === undefined || gid === undefined ? undefined : { name, uid: Number(uid), gid: Number(gid) };
}
