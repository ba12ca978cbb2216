import type { QuerySqlToken } from "slonik";
import { type ZodObject, z } from "zod";
import type { Field } from "./field.ts";

/** By which stretch of time rows are summed; `all` is one stretch. */
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

/** A row as read from Postgres: numeric and dates as text, instants as ISO text in UTC. */
export const reportRow = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** One row of an answer, by column name. */
export type ReportRow = Readonly<z.infer<typeof reportRow>>;

/** How a page draws the rows: x and y are column names, one series per value of `series`, a chart of its own per value of `per`. */
export type ReportChart = {
  readonly kind: "line" | "bar" | "band";
  readonly x: string;
  readonly y: readonly string[];
  readonly series?: string;
  readonly per?: string;
  readonly low?: string;
  readonly high?: string;
};

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
