import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Refusal, say } from "./say.mjs";

const PATIENCE_MS = 15 * 60_000;

/**
 * Does `work` while no other launch on this machine does. A lock whose owner is dead is taken over.
 * @template T
 * @param {string} folder where the lock folder `launch.lock` is made
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(folder, work) {
  const lock = join(folder, "launch.lock");
  await acquire(folder, lock);
  try {
    return await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

async function acquire(folder, lock) {
  const started = performance.now();
  for (let turn = 0; !take(folder, lock); turn += 1) {
    const owner = ownerOf(lock);
    if (owner !== undefined && !lives(owner)) setAside(lock, owner);
    else await wait(200);
    if (turn === 5 && owner !== undefined) say(`Another launch (process ${owner.split(" ")[0]}) is installing; waiting for it.`);
    if (performance.now() - started > PATIENCE_MS)
      throw new Refusal(
        `Another launch holds ${lock} for over 15 minutes. If none is running, delete that folder and try again.`,
      );
  }
}

/** A folder that already holds its owner is renamed into place: that is atomic, and fails when the place is taken. */
function take(folder, lock) {
  mkdirSync(folder, { recursive: true });
  const mine = mkdtempSync(join(folder, "lock-"));
  writeFileSync(join(mine, "owner"), identity(process.pid));
  try {
    if (statSync(lock, { throwIfNoEntry: false }) !== undefined) return false;
    renameSync(mine, lock);
    return true;
  } catch (error) {
    if (!["ENOTEMPTY", "EEXIST", "EPERM", "EACCES"].includes(error.code)) throw error;
    return false;
  } finally {
    rmSync(mine, { recursive: true, force: true });
  }
}

function ownerOf(lock) {
  try {
    return readFileSync(join(lock, "owner"), "utf8");
  } catch (error) {
    if (["ENOENT", "EBUSY", "EPERM"].includes(error.code)) return undefined;
    throw error;
  }
}

/** Moves a dead owner's lock away; should another launch have taken it over in this very moment, gives it back. */
function setAside(lock, owner) {
  const aside = `${lock}.${process.pid}.stale`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  if (ownerOf(aside) === owner) rmSync(aside, { recursive: true, force: true });
  else renameSync(aside, lock);
}

function lives(owner) {
  const pid = Number(owner.split(" ")[0]);
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
  return owner === identity(pid);
}

/** A process id comes round again (soon, in a container); with the time its process started (Linux tells) it does not. */
function identity(pid) {
  if (process.platform !== "linux") return `${pid}`;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return `${pid} ${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ESRCH") return `${pid}`;
    throw error;
  }
}
