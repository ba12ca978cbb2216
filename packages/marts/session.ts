import type { Executor } from "@jukebase/platform/executor.ts";
import { pgExecutor } from "@jukebase/platform/postgres.ts";
import type pg from "pg";

/** Runs `work` on one connection of the pool, outside of a transaction: it may take session locks and open transactions in turn. */
export async function session<T>(pool: pg.Pool, work: (db: Executor) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    return await work(pgExecutor(client));
  } finally {
    // Locks of the session must not travel with the connection to its next user.
    await client.query("select pg_advisory_unlock_all()").catch((failure: Error) => {
      broken = failure; // The connection is gone, and its locks with it.
    });
    client.release(broken);
  }
}

/** One transaction on a session's connection: committed when `work` returns, rolled back when it throws. `settings`: SQL that it begins with. */
export async function within<T>(
  db: Executor,
  isolation: "read committed" | "repeatable read",
  work: () => Promise<T>,
  settings = "",
): Promise<T> {
  await db.query(`begin isolation level ${isolation}; ${settings}`);
  try {
    const answer = await work();
    await db.query("commit");
    return answer;
  } catch (error) {
    await rollback(db, error);
    throw error;
  }
}

/**
 * A transaction that takes strong locks but never makes others queue behind it for long: it gives up after 0.2 s of waiting and
 * tries again, so that readers and writers pass between the attempts, and long before the server looks for a deadlock (1 s), whose
 * victim might be one of them.
 */
export async function withShortLocks<T>(db: Executor, work: () => Promise<T>, attempts = 100): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await within(db, "read committed", async () => {
        await db.query("set local lock_timeout = '200ms'");
        return work();
      });
    } catch (error) {
      if (attempt === attempts || !busy.has(codeOf(error))) throw error;
      await db.query("select pg_sleep(0.2)");
    }
  }
}

/** Waits for (or, with `wait` false, tries) the locks of all named things, in one order everywhere; false when one is held. */
export async function lockAll(db: Executor, names: readonly string[], wait = true): Promise<boolean> {
  const sorted = [...new Set(names)].sort();
  const rows = await db.query<{ name: string; taken: boolean }>(wait ? waitForLocks : tryLocks, [sorted]);
  const taken = rows.filter((row) => row.taken).map(({ name }) => name);
  if (taken.length === sorted.length) return true;
  await unlockAll(db, taken);
  return false;
}

/** Gives back what lockAll took. */
export async function unlockAll(db: Executor, names: readonly string[]): Promise<void> {
  if (names.length > 0)
    await db.query(`select pg_advisory_unlock(${lockKey}) from unnest($1::text[]) as named (name)`, [[...new Set(names)]]);
}

/** The SQLSTATE of a database error, through wrappers; empty for any other. */
export function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === "string") return code;
  return cause === undefined ? "" : codeOf(cause);
}

// lock_not_available, deadlock_detected
const busy = new Set(["55P03", "40P01"]);

const lockKey = "hashtextextended('marts.' || name, 0)";
// The array's order is the order in which they are taken.
const waitForLocks = `select name, pg_advisory_lock(${lockKey}) is not null as taken from unnest($1::text[]) as named (name)`;
const tryLocks = `select name, pg_try_advisory_lock(${lockKey}) as taken from unnest($1::text[]) as named (name)`;

async function rollback(db: Executor, reason: unknown): Promise<void> {
  try {
    await db.query("rollback");
  } catch (cause) {
    throw new AggregateError([reason, cause], "The transaction failed, and so did its rollback", { cause: reason });
  }
}
