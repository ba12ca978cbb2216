import { chown, open, rename, stat, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { Conflict } from "../errors.ts";
import { type Cluster, filesOf, OWNER, urlOf } from "./cluster.ts";
import { initialise, passwordOf } from "./initialise.ts";
import { withLock } from "./lock.ts";
import { type Programs, programsFor } from "./native.ts";
import { type Place, settle } from "./place.ts";
import { choosePort, freePort } from "./port.ts";
import { clearStalePidFile, READY_MS, runningServer } from "./postmaster.ts";
import { runAs } from "./program.ts";
import { type Settings, settingsFile } from "./settings.ts";

/** `folder` is the cluster's own; `port` is a wish (default: the last one, else 54329); `settings` go over the product's. */
export type StartOptions = {
  readonly folder: string;
  readonly port?: number | undefined;
  readonly settings?: Settings;
  /** Told, in a sentence, what the person should know: that the data had to live elsewhere, say. */
  readonly onNote?: (line: string) => void;
};

/**
 * Starts the embedded Postgres of a folder, or finds it running, and returns when it accepts connections. The server survives the
 * calling process. Throws Conflict or Invalid with a sentence when it cannot be.
 */
export async function startEmbedded({ folder, port, settings = {}, onNote = () => {} }: StartOptions): Promise<Cluster> {
  return withLock(resolve(folder), async () => {
    const place = await settle(folder, onNote);
    const running = await alreadyRunning(place.folder);
    if (running !== undefined) return running;
    const programs = await programsFor(place.account, place.spare, onNote);
    await initialise(place, programs, settings.fsync !== "off");
    await clearStalePidFile(place.folder);
    await bringUp(place, programs, settings, await choosePort(place.folder, port));
    const started = await alreadyRunning(place.folder);
    if (started === undefined)
      throw new Conflict(
        `The database in ${place.folder} stopped right after its start. Its log is ${filesOf(place.folder).log}.`,
      );
    await writeFile(filesOf(place.folder).port, `${started.port}\n`);
    await makeDatabase(started);
    return { ...started, startedByUs: true };
  });
}

async function alreadyRunning(folder: string): Promise<Cluster | undefined> {
  const password = await passwordOf(folder);
  const server = password === undefined ? undefined : await runningServer(folder, password);
  if (password === undefined || server === undefined) return undefined;
  return { url: urlOf(password, server.port), port: server.port, pid: server.pid, folder, startedByUs: false };
}

/** Starts the server, on another port when its own was taken in the meantime. */
async function bringUp(place: Place, { pgCtl }: Programs, settings: Settings, firstPort: number): Promise<void> {
  const { data, log, settings: file } = filesOf(place.folder);
  let port = firstPort;
  for (let attempt = 1; ; attempt += 1) {
    await writeFile(file, settingsFile(port, settings));
    if (place.account !== undefined) await chown(file, place.account.uid, place.account.gid);
    const from = await startOfLog(log);
    const { code, output } = await runAs(place.account, pgCtl, [
      "start",
      "-D",
      data,
      "-l",
      log,
      "-w",
      "-t",
      `${READY_MS / 1000}`,
      "-s",
    ]);
    if (code === 0) return;
    const said = (await textFrom(log, from)) || output;
    if (attempt === 5) throw new Conflict(`The database in ${place.folder} does not start. ${log} says: ${said}`);
    if (/address already in use/i.test(said)) port = await freePort();
    else if (/shared memory block .* still in use/i.test(said)) await wait(1000);
    else throw new Conflict(`The database in ${place.folder} does not start. ${log} says: ${said}`);
  }
}

/** Where the next line of the log will stand. A log over 10 MB makes room: one older file is kept. */
async function startOfLog(log: string): Promise<number> {
  const size = await stat(log).then(
    (found) => found.size,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return 0;
      throw error;
    },
  );
  if (size < 10_000_000) return size;
  await rename(log, `${log}.1`);
  return 0;
}

async function textFrom(log: string, position: number): Promise<string> {
  const file = await open(log, "r");
  try {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(4000), position });
    return buffer.toString("utf8", 0, bytesRead).trim();
  } finally {
    await file.close();
  }
}

async function makeDatabase({ url }: Cluster): Promise<void> {
  const client = new pg.Client({ connectionString: url.replace(/\/[^/]*$/, "/postgres") });
  await client.connect();
  try {
    const { rowCount } = await client.query("select from pg_database where datname = $1", [OWNER]);
    if (rowCount === 0) await client.query(`create database ${OWNER}`);
  } finally {
    await client.end();
  }
}
