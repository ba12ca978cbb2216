import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Conflict } from "../errors.ts";
import { identityOf } from "./process.ts";

const PATIENCE_MS = 180_000;

/** Does `work` while no other process on this machine does the same in `folder`. The lock of a dead process is taken over. */
export async function withLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = join(folder, "control.lock");
  await acquire(folder, lock);
  try {
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function acquire(folder: string, lock: string): Promise<void> {
  const started = performance.now();
  while (!(await take(folder, lock))) {
    const owner = await ownerOf(lock);
    if (owner !== undefined && owner !== (await identityOf(Number.parseInt(owner, 10)))) await setAside(lock, owner);
    else await wait(50);
    if (performance.now() - started > PATIENCE_MS) {
      throw new Conflict(
        `Process ${owner} has been starting or stopping the database in ${folder} for three minutes. End it, then try again.`,
      );
    }
  }
}

/** A folder that already names its owner is renamed into place: that is atomic, and fails when the place is taken. */
async function take(folder: string, lock: string): Promise<boolean> {
  const mine = await made(folder);
  await writeFile(join(mine, "owner"), (await identityOf(process.pid)) ?? `${process.pid}`);
  try {
    await rename(mine, lock);
    return true;
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return false;
  } finally {
    await rm(mine, { recursive: true, force: true });
  }
}

async function made(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true });
    return await mkdtemp(join(folder, "lock-"));
  } catch (cause) {
    throw new Conflict(
      `The database folder ${folder} cannot be written to: ${(cause as Error).message}. Choose a folder of your own.`,
      { cause },
    );
  }
}

async function ownerOf(lock: string): Promise<string | undefined> {
  return readFile(join(lock, "owner"), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

/** Moves a dead owner's lock away; should another process have taken it over in this very moment, gives it back. */
async function setAside(lock: string, owner: string): Promise<void> {
  const aside = `${lock}.${process.pid}`;
  const moved = await rename(lock, aside).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
  if (!moved) return;
  if ((await ownerOf(aside)) === owner) await rm(aside, { recursive: true, force: true });
  else await rename(aside, lock);
}
