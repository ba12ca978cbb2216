/** How bad it is when a test finds rows, and from how many on. */
export type TestRule = {
  /** A name by which to find it; made of what it tests when left out. */
  readonly name?: string;
  /** `error` keeps a new definition from being put in place; `warn` only says so. */
  readonly severity?: "warn" | "error";
  /** From how many failing rows on it warns, or fails; from 1 when left out. */
  readonly warnFrom?: number;
  readonly errorFrom?: number;
  /** Only rows for which this SQL over the mart's columns holds. */
  readonly where?: string;
};

/** What may be tested of a mart's rows; the words are those of the field. */
export type MartTest = TestRule &
  (
    | { readonly test: "unique"; readonly columns: readonly string[] }
    | { readonly test: "not_null"; readonly column: string }
    | { readonly test: "accepted_values"; readonly column: string; readonly values: readonly (string | number | boolean)[] }
    /** Every value that is not null is one of `to` in another mart. */
    | {
        readonly test: "relationships";
        readonly columns: readonly string[];
        readonly mart: string;
        readonly to: readonly string[];
      }
    /** SQL over the columns of one row that must not be false. */
    | { readonly test: "expression"; readonly sql: string }
    | { readonly test: "row_count"; readonly min?: number; readonly max?: number }
    /** The newest value of a column (an instant or a date) is at most so many seconds older than the newest event. */
    | { readonly test: "freshness"; readonly column: string; readonly within_s: number }
    | (Anomaly & { readonly test: "volume_anomaly" })
    | (Anomaly & {
        readonly test: "column_anomaly";
        readonly column: string;
        readonly measure: "null_share" | "zero_share" | "distinct" | "mean" | "sum" | "min" | "max";
      })
  );

/** A day's figure far from those of the days before it. */
export type Anomaly = {
  /** The column (an instant or a date) by which rows belong to a day. */
  readonly at: string;
  /** How many days back the others lie (14), how many standard deviations are far (3), how many of them it takes (7). */
  readonly days?: number;
  readonly sigmas?: number;
  readonly points?: number;
  /** Compare with the same day of the week only. */
  readonly seasonality?: "weekday";
  readonly direction?: "both" | "spike" | "drop";
};
