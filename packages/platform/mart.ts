import type { ZodObject } from "zod";
import type { MartTest } from "./mart-test.ts";

/**
 * A documented, tested relation in schema `marts`, always a view; what it stands on depends on its kind:
 * - `view`: computed when read;
 * - `materialized`: a materialized view, refreshed whole and concurrently;
 * - `rollup`: a table in which only the buckets that changed are computed anew;
 * - `snapshot`: a table that keeps what its SELECT answered earlier, one row per version of a key.
 */
export type Mart = {
  readonly name: string;
  readonly kind: "view" | "materialized" | "rollup" | "snapshot";
  /** The file of its one SELECT. */
  readonly file: URL;
  readonly description: string;
  /** What one row is. */
  readonly grain: string;
  readonly owner: string;
  readonly key: readonly string[];
  /** Row type, run-time check and documentation in one; each column is described. */
  readonly row: ZodObject;
  /**
   * Every relation the SELECT reads (schema-qualified). For a rollup the value is SQL over `changed` (that relation's old and new
   * rows) yielding the bucket columns to compute anew, or null where its changes cannot matter.
   */
  readonly reads: Readonly<Record<string, string | null>>;
  /** Rollups only: the output columns that name a bucket. */
  readonly bucket?: readonly string[];
  /** Snapshots only: how a new version of a row is told from the one that is kept. */
  readonly history?: SnapshotHistory;
  /** Further indexes of the store, each a list of columns. */
  readonly indexes?: readonly (readonly string[])[];
  /** Seconds after which the mart counts as stale while events wait. */
  readonly freshness_s: number;
  /** For marts that cost much: when they are refreshed. Left out: as soon as there is something to compute. */
  readonly refresh?: MartSchedule;
  /** Words by which marts are selected together (`tag:cash`). */
  readonly tags?: readonly string[];
  /** What must hold of its rows, beside its key being unique and never null, which is always tested. */
  readonly tests?: readonly MartTest[];
  /** Columns whose values are keys of another mart: tested, drawn in diagrams, declared where a table can bear it. */
  readonly references?: readonly MartReference[];
  /** Columns that tell of natural persons, and what readers without the right to them see instead. */
  readonly sensitive?: Readonly<Record<string, Mask>>;
  /** Which rows readers see: SQL over the mart's columns, by group role. Roles that are not named see every row. */
  readonly visibleTo?: Readonly<Record<string, string>>;
};

/**
 * When a mart is refreshed: at least so many seconds after the refresh before, or at times of the reporting zone, written as in cron
 * (minute, hour, day, month, weekday: `30 4 * * 1-5`).
 */
export type MartSchedule = { readonly every_s: number } | { readonly at: string };

/** `timestamp`: a row is a new version when the column says a later instant; `check`: when one of the columns (or any) differs. */
export type SnapshotHistory =
  | { readonly strategy: "timestamp"; readonly updated_at: string }
  | { readonly strategy: "check"; readonly columns: readonly string[] | "all" };

/** A foreign key in words: these columns, where none is null, name a row of that mart. */
export type MartReference = { readonly columns: readonly string[]; readonly mart: string; readonly to: readonly string[] };

/** What stands in place of a sensitive value: nothing at all, the same text for all, or SQL over the mart's columns. */
export type Mask =
  | { readonly as: "null" }
  | { readonly as: "text"; readonly text: string }
  | { readonly as: "sql"; readonly sql: string };
