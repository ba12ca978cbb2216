import { readdir, readFile } from "node:fs/promises";
import type { Database } from "@jukebase/platform";

/**
 * CPU time used so far, in microseconds: by this process, with its threads and the processes it started that have ended, and by the server,
 * where it runs on this machine (Linux only).
 */
export type CpuTime = { readonly node_us: number; readonly postgres_us: number | undefined };

/** Reads both clocks. Between two readings, what a piece of work cost does not depend on what else the machine was doing. */
export async function cpuTime({ pg }: Pick<Database, "pg">): Promise<CpuTime> {
  const { user, system } = process.cpuUsage();
  const helpers_us = ((await statOf("self"))?.reaped ?? 0) * tick_us;
  return { node_us: user + system + helpers_us, postgres_us: await serverTime(pg) };
}

const tick_us = 10_000;

async function serverTime(pg: Database["pg"]): Promise<number | undefined> {
  const { rows } = await pg.query<{ pid: number }>("select pg_backend_pid() as pid");
  const own = await statOf(String(rows[0]?.pid));
  if (own === undefined) return undefined;
  const everyone = await Promise.all((await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(statOf));
  const server = everyone.filter((stat) => stat !== undefined && (stat.pid === own.parent || stat.parent === own.parent));
  const ticks = server.reduce((sum, stat) => sum + (stat?.ticks ?? 0) + (stat?.pid === own.parent ? stat.reaped : 0), 0);
  return ticks * tick_us;
}

type Stat = { readonly pid: number; readonly parent: number; readonly ticks: number; readonly reaped: number };

// Fields of /proc/PID/stat behind the name, which may hold spaces: 4 is the parent, 14 to 17 the ticks of it and of its ended children.
async function statOf(pid: string): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [parent, user, system, childUser, childSystem] = [1, 11, 12, 13, 14].map((n) => Number(fields[n]));
  return {
    pid: Number(pid),
    parent: parent ?? 0,
    ticks: (user ?? 0) + (system ?? 0),
    reaped: (childUser ?? 0) + (childSystem ?? 0),
  };
}
