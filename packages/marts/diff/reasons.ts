import { isDeepStrictEqual } from "node:util";
import { hashOf, type Parts, type Planned, type Words } from "../plan.ts";
import type { Built } from "../registry.ts";
import type { MartText } from "../texts.ts";

/** Why a mart would be built anew: which part of its definition differs, and in a sentence how. */
export type Reason = { readonly part: string; readonly says: string };

/** The part of a reason that is no change of the mart itself: a mart that it stands on is built anew. */
export const beneath = "beneath";

/** A mart as it is built: its entry, what is kept of its text, and the entries of the others by name. */
export type BuiltBefore = {
  readonly known: Built;
  readonly text: MartText | undefined;
  readonly built: ReadonlyMap<string, Built>;
};

/** Every difference between a mart as planned and as built; none when they are the same. */
export function reasonsOf(plan: Planned, before: BuiltBefore): Reason[] {
  const { known, text, built } = before;
  const words = known.documentation_hash === plan.documentation_hash ? [] : wordReasons(plan.words, text?.words);
  if (known.store === plan.store) return words;
  const parts = text === undefined ? withoutText(plan, known, built) : partReasons(text.parts, plain(plan.parts));
  const reasons = [...parts, ...beneathReasons(plan, known, built), ...words];
  if (reasons.some(({ part }) => part !== "words" && part !== "masks")) return reasons;
  return [{ part: "hash", says: "what a definition's hash is made of changed" }, ...words];
}

function partReasons(before: Parts, after: Parts): Reason[] {
  const names = [...new Set([...Object.keys(after.own), ...Object.keys(before.own)])];
  const own = names.filter((name) => !isDeepStrictEqual(before.own[name], after.own[name]));
  return [
    ...own.map((part) => ({ part, says: sentence(part, before.own[part], after.own[part]) })),
    ...groundReasons(before, after),
  ];
}

function groundReasons({ beneath: before }: Parts, { beneath: after }: Parts): Reason[] {
  const replaced = Object.keys(after.tables).filter(
    (name) => name in before.tables && before.tables[name] !== after.tables[name],
  );
  const reasons = replaced.map((name) =>
    name.startsWith("seeds.")
      ? { part: "seed", says: `the seed ${name} changed` }
      : { part: "table", says: `${name} is another table than before` },
  );
  if (before.timeZone === after.timeZone) return reasons;
  return [...reasons, { part: "time_zone", says: `the reporting zone is ${after.timeZone}, no longer ${before.timeZone}` }];
}

function beneathReasons(plan: Planned, known: Built, built: ReadonlyMap<string, Built>): Reason[] {
  const anew = plan.upstream.filter(
    (name) => known.upstream.includes(name) && built.get(name)?.hash !== plan.parts.beneath.marts[name],
  );
  return anew.map((name) => ({ part: beneath, says: `marts.${name}, on which it stands, is built anew` }));
}

// Built before texts were kept: its entry says a little, and its hash whether anything else differs.
function withoutText(plan: Planned, known: Built, built: ReadonlyMap<string, Built>): Reason[] {
  const marts = Object.fromEntries(plan.upstream.map((name) => [name, built.get(name)?.hash ?? ""]));
  if (hashOf({ own: plan.parts.own, beneath: { ...plan.parts.beneath, marts } }) === known.hash) return [];
  const { kind, columns, mart } = plan;
  const now = { kind, columns, key: mart.key, bucket: mart.bucket ?? [] };
  const then = { kind: known.kind, columns: known.columns, key: known.key, bucket: known.bucket };
  const parts = (["kind", "columns", "key", "bucket"] as const).filter(
    (part) => !isDeepStrictEqual(plain(then[part]), plain(now[part])),
  );
  if (parts.length === 0) return [{ part: "select", says: "its definition changed; what it was built from was not kept" }];
  return parts.map((part) => ({ part, says: sentence(part, then[part], now[part]) }));
}

function sentence(part: string, before: unknown, after: unknown): string {
  if (part === "select") return "its SELECT changed";
  if (part === "kind") return `it is of kind ${after}, no longer ${before}`;
  if (part === "columns") return `its columns changed: ${difference(before as readonly string[], after as readonly string[])}`;
  if (part === "reads") return `what it reads changed: ${recordDifference(before as Reads, after as Reads)}`;
  return `its ${part} changed from ${shown(before)} to ${shown(after)}`;
}

// A column that came or went is a change of the columns, not of words.
function wordReasons(after: Words, before: Words | undefined): Reason[] {
  if (before === undefined) return [{ part: "words", says: "what is said of it changed" }];
  const { columns, masks, ...rest } = after;
  const about = Object.entries(rest).filter(([name, value]) => before[name as keyof typeof rest] !== value);
  const described = Object.entries(columns).filter(([name, text]) => name in before.columns && before.columns[name] !== text);
  const said = [...about.map(([name]) => name), ...described.map(([name]) => `column ${name}`)];
  const sameColumns = isDeepStrictEqual(Object.keys(columns).sort(), Object.keys(before.columns).sort());
  const seen = maskReasons(plain(masks), before.masks);
  if (said.length > 0) return [...seen, { part: "words", says: `what is said of it changed: ${said.join(", ")}` }];
  return seen.length > 0 || !sameColumns ? seen : [{ part: "words", says: "what is said of it changed" }];
}

function maskReasons(after: Words["masks"], before: Words["masks"] | undefined): Reason[] {
  const what = { sensitive: "the masks of its columns", visibleTo: "which rows its readers see" } as const;
  return (["sensitive", "visibleTo"] as const)
    .filter((kind) => before !== undefined && !isDeepStrictEqual(before[kind], after[kind]))
    .map((kind) => ({ part: "masks", says: `${what[kind]} changed` }));
}

type Reads = Readonly<Record<string, string | null>>;

function recordDifference(before: Reads, after: Reads): string {
  const names = difference(Object.keys(before), Object.keys(after));
  const otherwise = Object.keys(after).filter((name) => name in before && before[name] !== after[name]);
  const marks = otherwise.length === 0 ? [] : [`${otherwise.join(", ")} marked otherwise`];
  return [...(names === sameNames ? [] : [names]), ...marks].join("; ");
}

function difference(before: readonly string[], after: readonly string[]): string {
  const added = after.filter((name) => !before.includes(name));
  const gone = before.filter((name) => !after.includes(name));
  const said = [
    ...(added.length > 0 ? [`${added.join(", ")} added`] : []),
    ...(gone.length > 0 ? [`${gone.join(", ")} removed`] : []),
  ];
  return said.length === 0 ? sameNames : said.join("; ");
}

const sameNames = "the same in another order";

function shown(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}

// As it comes back from the database: what is undefined is not there.
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
