import { Invalid } from "@jukebase/platform/errors.ts";
import type { Mart, MartSchedule } from "@jukebase/platform/mart.ts";
import { problemOfCron } from "./service/cron.ts";
import { testProblems } from "./tests/test-problems.ts";
import { validity } from "./validity.ts";

/**
 * Checks what can be said of a mart without a database and returns it unchanged.
 * Throws Invalid, naming the file, when a column is not described, `key`, `bucket`, an index, a reference or a test names a column that
 * is not there, a test could never be run, or a rollup lacks its bucket or leaves a read without SQL or an explicit null.
 */
export function defineMart(mart: Mart): Mart {
  const problem = problems(mart).next().value;
  if (problem !== undefined) throw new Invalid(`${fileOf(mart)}: ${problem}`);
  return mart;
}

/** The mart's columns in the order of its row type, with what each means. */
export function columnsOf(mart: Mart): readonly { readonly name: string; readonly description: string }[] {
  return Object.entries(mart.row.shape).map(([name, type]) => ({ name, description: describe(type) }));
}

/** The path by which messages name a mart: from its domain's folder on. */
export function fileOf(mart: Mart): string {
  return decodeURIComponent(mart.file.pathname).split("/").slice(-3).join("/");
}

function* problems(mart: Mart): Generator<string, undefined> {
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(mart.name)) yield `the name "${mart.name}" is not 1 to 40 of a-z, 0-9 and _`;
  for (const text of ["description", "grain", "owner"] as const) if (mart[text].trim() === "") yield `${text} is empty`;
  const columns = columnsOf(mart);
  for (const { name, description } of columns) if (description === "") yield `column ${name} has no description (.describe)`;
  if (mart.key.length === 0) yield "key is empty: a mart says what one row is";
  const known = new Set(columns.map((column) => column.name));
  for (const [what, names] of namedColumns(mart)) {
    for (const name of names) if (!known.has(name)) yield `${what} names ${name}, which is not a column`;
  }
  for (const relation of Object.keys(mart.reads)) {
    if (!/^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$/.test(relation)) yield `reads names "${relation}": write schema.relation`;
  }
  if (mart.kind === "rollup") yield* rollupProblems(mart);
  if (mart.kind === "snapshot") yield* snapshotProblems(mart, known);
  yield* guardProblems(mart);
  if (mart.refresh !== undefined) yield* scheduleProblems(mart.refresh, mart);
  yield* testProblems(mart, known);
}

function* scheduleProblems(refresh: MartSchedule, { kind, freshness_s }: Mart): Generator<string, undefined> {
  if (kind === "view") yield "a view is computed when it is read, so refresh says nothing of it";
  if ("at" in refresh) {
    const problem = problemOfCron(refresh.at);
    if (problem !== undefined) yield `refresh.at: ${problem}`;
    return;
  }
  if (!Number.isInteger(refresh.every_s) || refresh.every_s < 1)
    yield "refresh.every_s is not a whole number of seconds from 1 on";
  if (refresh.every_s > freshness_s)
    yield `it is refreshed every ${refresh.every_s} s and counts as stale after ${freshness_s} s: raise freshness_s`;
}

function* rollupProblems(mart: Mart): Generator<string, undefined> {
  if (mart.bucket === undefined || mart.bucket.length === 0)
    yield "a rollup needs bucket: the columns that name what is computed anew";
  for (const [relation, changed] of Object.entries(mart.reads)) {
    if (changed === undefined) yield `reads["${relation}"] gives neither SQL over "changed" nor null`;
    if (changed !== null && !/\bchanged\b/i.test(changed)) yield `reads["${relation}"] does not read "changed"`;
  }
}

function* snapshotProblems({ history, key }: Mart, columns: ReadonlySet<string>): Generator<string, undefined> {
  if (history === undefined) {
    yield "a snapshot needs history: how a new version is told from the one that is kept";
    return;
  }
  const named = history.strategy === "timestamp" ? [history.updated_at] : history.columns === "all" ? [] : history.columns;
  for (const name of named) if (!columns.has(name)) yield `history names ${name}, which is not a column`;
  for (const name of validity) {
    if (!columns.has(name)) yield `a snapshot's row describes ${name}, which is added to what the SELECT gives`;
    if (key.includes(name)) yield `key names ${name}: a snapshot's key is that of the rows whose versions it keeps`;
  }
  if (history.strategy === "check" && history.columns !== "all" && history.columns.length === 0)
    yield "history watches no column";
}

function* guardProblems({ sensitive = {}, visibleTo = {}, key }: Mart): Generator<string, undefined> {
  for (const name of Object.keys(sensitive)) {
    if (key.includes(name)) yield `sensitive names ${name}, which is in the key: masked, rows could not be told apart`;
  }
  for (const [role, condition] of Object.entries(visibleTo)) {
    if (!/^[a-z][a-z0-9_]{0,62}$/.test(role)) yield `visibleTo names "${role}", which cannot be a group role`;
    if (condition.trim() === "") yield `visibleTo gives no condition for ${role}; "true" shows every row`;
  }
}

function namedColumns(mart: Mart): [string, readonly string[]][] {
  const indexes = (mart.indexes ?? []).map((index): [string, readonly string[]] => ["an index", index]);
  const sensitive = Object.keys(mart.sensitive ?? {});
  return [["key", mart.key], ["bucket", mart.bucket ?? []], ["sensitive", sensitive], ...indexes];
}

function describe(type: unknown): string {
  return (type as { description?: string }).description?.trim() ?? "";
}
