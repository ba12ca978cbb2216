import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { runAs } from "./program.ts";

/**
 * Names a living process so that a later one with the same id is told apart (Linux: by its start time).
 * Undefined when it is dead, or a zombie that nobody has collected.
 */
export async function identityOf(pid: number): Promise<string | undefined> {
  if (!answers(pid)) return undefined;
  if (process.platform !== "linux") return `${pid}`;
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(gone);
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields === undefined || fields[0] === "Z" ? undefined : `${pid} ${fields[19]}`;
}

/** Whether a living process of that id is a Postgres server; ids come round again, soon in a container. */
export async function isPostgres(pid: number): Promise<boolean> {
  if ((await identityOf(pid)) === undefined) return false;
  if (process.platform === "win32") return true;
  if (process.platform === "linux")
    return (await readFile(`/proc/${pid}/comm`, "utf8").catch(gone))?.startsWith("postgres") ?? false;
  return (await runAs(undefined, "ps", ["-p", `${pid}`, "-o", "comm="])).output.includes("postgres");
}

/** Whether any Postgres process works in a data folder: a killed server's children live on for a moment. Linux only. */
export async function isServedIn(data: string): Promise<boolean> {
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry) || (await readlink(join("/proc", entry, "cwd")).catch(gone)) !== data) continue;
    if (await isPostgres(Number(entry))) return true;
  }
  return false;
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function gone(error: NodeJS.ErrnoException): undefined {
  if (!["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(error.code ?? "")) throw error;
  return undefined;
}
