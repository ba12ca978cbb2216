import type { ZodObject } from "zod";

/**
 * A documented, tested relation in schema `marts`, always a view; what it stands on depends on its kind:
 * - `view`: computed when read;
 * - `materialized`: a materialized view, refreshed whole and concurrently;
 * - `rollup`: a table in which only the buckets that changed are computed anew.
 */
export type Mart = {
  readonly name: string;
  readonly kind: "view" | "materialized" | "rollup";
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
  /** Further indexes of the store, each a list of columns. */
  readonly indexes?: readonly (readonly string[])[];
  /** Seconds after which the mart counts as stale while events wait. */
  readonly freshness_s: number;
};
