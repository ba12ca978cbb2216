import { realpath, rm } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { Conflict } from "../errors.ts";
import { filesOf, urlOf } from "./cluster.ts";
import { isPostgres, isServedIn } from "./process.ts";
import { readIfThere } from "./read.ts";

/** Longest that a server may take to accept connections, crash recovery included. */
export const READY_MS = 120_000;

/** The server process that the data folder's pid file names, if it is alive. It may still be starting or stopping. */
export async function postmasterOf(folder: string): Promise<{ pid: number; port: number } | undefined> {
  const text = (await readIfThere(filesOf(folder).pidFile)) ?? "";
  const [pid, , , port] = text.split("\n").map(Number);
  return pid && port && (await isPostgres(pid)) ? { pid, port } : undefined;
}

/** The running server of `folder`, once it accepts connections; undefined when none runs. */
export async function runningServer(folder: string, password: string): Promise<{ pid: number; port: number } | undefined> {
  const started = performance.now();
  for (let found = await postmasterOf(folder); found !== undefined; found = await postmasterOf(folder)) {
    const answer = await dataFolderAt(urlOf(password, found.port, "postgres"));
    if (answer === "stranger") return undefined;
    if (answer !== "not yet") return (await realpath(answer)) === (await realpath(filesOf(folder).data)) ? found : undefined;
    if (performance.now() - started > READY_MS) {
      throw new Conflict(
        `The database in ${folder} (process ${found.pid}) accepts no connections for two minutes. Its log is ${filesOf(folder).log}.`,
      );
    }
    await wait(100);
  }
  return undefined;
}

/**
 * Removes the pid file that a killed server left behind. Postgres does so itself, but takes a zombie, or a stranger that got the
 * same process id, for a running server. Waits for the killed server's last children, which may still write.
 */
export async function clearStalePidFile(folder: string): Promise<void> {
  if (process.platform !== "linux") return; // Only here can we see that no child is left, which is the one safe ground for it.
  const { data, pidFile } = filesOf(folder);
  const inside = await realpath(data);
  const started = performance.now();
  while (await isServedIn(inside)) {
    if (performance.now() - started > 30_000)
      throw new Conflict(`Processes of a server that was killed still work in ${data}. End them, then start again.`);
    await wait(100);
  }
  await rm(pidFile, { force: true });
}

async function dataFolderAt(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on("error", () => {}); // A connection lost after the answer changes nothing.
  try {
    await client.connect();
    const { rows } = await client.query<{ folder: string }>("select current_setting('data_directory') as folder");
    return rows[0]?.folder ?? "stranger";
  } catch (error) {
    return (error as { code?: string }).code === "28P01" ? "stranger" : "not yet";
  } finally {
    await client.end();
  }
}
