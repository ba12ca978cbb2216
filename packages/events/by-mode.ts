import type { ContractIssue, EventContract, NormalisedBody } from "@jukebase/platform";
import { type Entity, everyType, type Mode, type ModeBook, modesFor } from "./contracts/modes.ts";
import { joined, putAt } from "./contracts/places.ts";

/** Values of a logged event that a mode took out of it: the rules they broke, and the values in the places where they were sent. */
export type DiscardedValues = { readonly issues: readonly ContractIssue[]; readonly values: Readonly<Record<string, unknown>> };

/** A contract's verdict on a body, after the modes of its type. `discardedBy` says which mode, in a sentence. */
export type Settled =
  | { readonly ok: true; readonly value: NormalisedBody; readonly discarded?: DiscardedValues | undefined }
  | {
      readonly ok: false;
      readonly version: number;
      readonly issues: readonly ContractIssue[];
      readonly discardedBy?: string | undefined;
    };

type Verdict = ReturnType<EventContract["normalise"]>;

/** The body that was judged, by which contract and modes, and how to judge it again. */
export type Judging = {
  readonly contract: EventContract;
  readonly body: unknown;
  readonly book: ModeBook;
  readonly again: (body: unknown, version: number) => Verdict;
};

/** A contract's verdict under the modes of its type: first on values that break their rules, then on fields that it does not name. */
export function byMode(verdict: Verdict, judging: Judging): Settled {
  const { contract, body, book } = judging;
  const modes = modesFor(book, contract.type);
  if (verdict.ok) return settleUnknown(verdict.value, modes.columns, contract);
  if (modes.data_type === "freeze" || verdict.issues.some(({ code }) => code === "unknown-version")) return verdict;
  if (modes.data_type === "discard_row")
    return contract.breaksByValue(body, verdict.version, verdict.issues)
      ? { ...verdict, discardedBy: discardedBy(contract.type, "data_type", "discard_row") }
      : verdict;
  const spared = withoutBroken(verdict, judging);
  if (spared === undefined) return verdict;
  const settled = settleUnknown(spared.value, modes.columns, contract);
  if (!settled.ok) return settled;
  if (modes.data_type === "evolve")
    return { ...settled, value: { ...settled.value, unknown: joined(spared.values, settled.value.unknown) } };
  const issues = [...verdict.issues, ...(settled.discarded?.issues ?? [])];
  return { ...settled, discarded: { issues, values: joined(spared.values, settled.discarded?.values) } };
}

/** By which mode an event of a type that no contract describes is discarded, in a sentence; undefined where it waits for its contract. */
export function unknownTypeDiscardedBy(book: ModeBook | undefined, type: unknown): string | undefined {
  if (book === undefined) return undefined;
  const name = typeof type === "string" ? type : everyType;
  const mode = modesFor(book, name).tables;
  return mode === "discard_row" || mode === "discard_value" ? discardedBy("types without a contract", "tables", mode) : undefined;
}

type Refused = Extract<Verdict, { ok: false }>;

type WithoutBroken = { readonly value: NormalisedBody; readonly values: Readonly<Record<string, unknown>> };

// What was taken out stands as null in what is judged again, which must not be taken for what was sent.
function withoutBroken({ version, issues }: Refused, { contract, body, again }: Judging): WithoutBroken | undefined {
  const spared = contract.spare(body, version, issues);
  const verdict = spared && again(spared.body, version);
  if (spared === undefined || !verdict?.ok) return undefined;
  const paths = new Set(spared.broken.map(({ path }) => path));
  const sent = Object.fromEntries(Object.entries(verdict.value.sent).filter(([path]) => !paths.has(path)));
  const values = spared.broken.reduce<Record<string, unknown>>((held, { path, value }) => putAt(held, path, value), {});
  return { value: { ...verdict.value, sent }, values };
}

function settleUnknown(value: NormalisedBody, mode: Mode, contract: EventContract): Settled {
  if (mode === "evolve" || value.unknown === undefined) return { ok: true, value };
  const issues = unknownIssues(contract.strangers(value.unknown, value.version), contract, value.version);
  if (mode === "discard_value")
    return { ok: true, value: { ...value, unknown: undefined }, discarded: { issues, values: value.unknown } };
  const refused = { ok: false, version: value.version, issues } as const;
  return mode === "freeze" ? refused : { ...refused, discardedBy: discardedBy(contract.type, "columns", mode) };
}

const listed_max = 20;

// A sender may name a thousand fields, or put a person's name into one: plain names are told, and the first of them.
function unknownIssues(paths: readonly string[], contract: EventContract, version: number): ContractIssue[] {
  const rule = `No field of ${contract.type} ${contract.details(version).schemaver} is called so, and fields that the contract does not name are not taken.`;
  const told = paths.slice(0, listed_max).map((path) => ({ path, code: "unknown-field", rule }));
  const more = paths.length - told.length;
  return more > 0
    ? [...told, { path: "$", code: "unknown-field", rule: `Holds ${more} more fields that no contract names.` }]
    : told;
}

function discardedBy(what: string, entity: Entity, mode: Mode): string {
  return `Discarded by the mode ${mode} for ${entity} of ${what}.`;
}
