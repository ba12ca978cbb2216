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
};
