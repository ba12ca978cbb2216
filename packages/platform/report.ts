import type { QuerySqlToken } from "slonik";
import type { ZodObject } from "zod";
import type { Field } from "./field.ts";

export type Grain = "all" | "day" | "week" | "month" | "quarter" | "year";

/** What every report can be asked. Dates are business dates, both ends included; undefined means no bound. */
export type ReportParams = {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly grain?: Grain | undefined;
  /** IANA zone in which instants are shown; buckets stay in the installation's zone. */
  readonly tz?: string | undefined;
  /** column → value; only columns that the report lists as filters. */
  readonly where: Readonly<Record<string, string>>;
  /** The report's own options, as its `options` schema parsed them. */
  readonly options: Readonly<Record<string, unknown>>;
};

export type ReportRow = Readonly<Record<string, string | number | boolean | null>>;

/** How a page draws the rows: x and y are column names, one series per value of `series`. */
export type ReportChart = { readonly kind: "line" | "bar" | "band"; readonly x: string; readonly y: readonly string[]; readonly series?: string; readonly low?: string; readonly high?: string };

/** One question and its answer: page, CSV, XLSX and JSON all come from this one object. */
export type Report = {
  readonly name: string;
  readonly title: string;
  /** The question, and the rule by which it is answered, in words. */
  readonly description: string;
  readonly columns: readonly Field[];
  readonly grains: readonly Grain[];
  readonly defaultGrain: Grain;
  readonly filters: readonly string[];
  readonly options: ZodObject;
  /** The marts it stands on: their positions give `as_of`. */
  readonly marts: readonly string[];
  readonly query: (params: ReportParams) => QuerySqlToken;
  /** What cannot be said in SQL, from the query's rows (a forecast, say). */
  readonly derive?: (rows: readonly ReportRow[], params: ReportParams) => readonly ReportRow[];
  readonly chart?: ReportChart;
};
