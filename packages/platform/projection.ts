import type { Executor } from "./executor.ts";

/**
 * How logged events become one domain's tables: set-based, a pure function of the log, insensitive to order and repetition.
 *
 * Before `apply` runs, the transaction's search_path starts with the domain's schema (name its own tables without a schema)
 * and these temporary relations are filled:
 * - `incoming_<type in snake_case>`: one row per event to be (re)written, the typed view's columns with amendments applied;
 * - `withdrawn (log_id, type)`: facts to delete first, because they were amended or retracted.
 */
export type Projection = {
  readonly name: string;
  readonly schema: string;
  readonly types: readonly string[];
  /** The table that keeps one row per effective event of a type, keyed by log_id. Law 1 counts them. */
  readonly facts: Readonly<Record<string, string>>;
  readonly apply: (db: Executor) => Promise<void>;
  /** How a rebuild, whose tables start empty, does the same in less time; without it, it goes step by step as live does. */
  readonly bulk?: BulkProjection;
};

/**
 * The facts of the whole log first, and once, at the end, what follows from them: `touchAll` notes everything that there is a fact of,
 * and `apply`, with nothing incoming, derives it. Both together lead to the same tables as `apply` step by step.
 */
export type BulkProjection = {
  /** Inserts one fact per row of `incoming_…`, without looking at any other row; the tables have no index yet. */
  readonly facts: (db: Executor) => Promise<void>;
  /** Inserts into `touched (kind, key)` all that `apply` would have noted for these facts. */
  readonly touchAll: (db: Executor) => Promise<void>;
};

/** A part of a projection in bulk: what inserts its facts, and SELECTs of (kind, key) of all that these speak of. */
export type BulkPart = { readonly facts: readonly string[]; readonly touched: readonly string[] };

/** Parts as one. */
export function inBulk(...parts: readonly BulkPart[]): BulkProjection {
  return {
    facts: async (db) => {
      for (const statement of parts.flatMap(({ facts }) => facts)) await db.query(statement);
    },
    touchAll: async (db) => {
      for (const select of parts.flatMap(({ touched }) => touched))
        await db.query(`insert into touched (kind, key) ${select} on conflict do nothing`);
    },
  };
}
