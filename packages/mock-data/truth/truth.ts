/** One row of an answer, in the report's column names; money as a decimal string, a month as its first day. */
export type TruthRow = Readonly<Record<string, string | number | null>>;

/** The answer to one report under the given parameters (grain and the report's own options, flat). */
export type Answer = { readonly params: Readonly<Record<string, string | boolean>>; readonly rows: readonly TruthRow[] };

/** Every answer by report name, and two balances that no report shows in one place. */
export type Answers = {
  readonly reports: Readonly<Record<string, readonly Answer[]>>;
  /** Per currency: received = applied + credit + unattributed. */
  readonly money: readonly TruthRow[];
  /** Per month: plays, those completed, and those that no agent gets. */
  readonly plays: readonly TruthRow[];
};

/** What intake must find in the file: lines = accepted + duplicates + the sum of `quarantined`. */
export type Counts = {
  readonly lines: number;
  /** Events that enter the log, those that wait for a parent included. */
  readonly accepted: number;
  readonly acceptedByType: Readonly<Record<string, number>>;
  readonly duplicates: number;
  /** By the kind of fault, as `malformed.ts` names them. */
  readonly quarantined: Readonly<Record<string, number>>;
  /** Of the accepted, those whose parent never comes. */
  readonly waiting: Readonly<Record<string, number>>;
};

/** The content of `truth.json`. */
export type Truth = Answers & {
  readonly scenario: string;
  readonly seed: number;
  readonly scale: string;
  readonly counts: Counts;
};
