import { setTimeout as pause } from "node:timers/promises";
import { Conflict, type Executor } from "@jukebase/platform";

/**
 * Runs `work`, which takes a lock on the log, waiting for it at most half a second at a time: whoever comes after would wait as long.
 * The transaction stays; only what failed is taken back. Throws `Conflict` when the log stays in use.
 */
export async function withShortLocks<T>(db: Executor, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    await db.query("savepoint short_lock");
    await db.query("set local lock_timeout = '500ms'");
    try {
      const answer = await work();
      await db.query("set local lock_timeout to default");
      return answer;
    } catch (error) {
      if (!isTimeout(error)) throw error;
      await db.query("rollback to savepoint short_lock");
      if (attempt < attempts_max) await pause(100 * attempt);
      else throw new Conflict("The log is in use by a long query. End it, or try again when it is through.", { cause: error });
    }
  }
}

const attempts_max = 20;

// lock_not_available
function isTimeout(error: unknown): boolean {
  return (error as { code?: unknown }).code === "55P03";
}
