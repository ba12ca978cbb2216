import { isDeepStrictEqual } from "node:util";
import type { ContractField, ContractIssue, EventContract, Reference } from "@jukebase/platform/contract.ts";
import { type ContractChange, further, type Reach } from "./change.ts";
import { columnsOf } from "./columns.ts";
import { compareFields } from "./compare-fields.ts";
import { type StoredSample, storedAs } from "./samples.ts";
import { readSchemaver } from "./schemaver.ts";
import type { ContractSnapshot, VersionSnapshot } from "./snapshot.ts";

/** A released version and the contract of today that still has it; `newest` is the newest version that was released. */
export type Comparison = {
  readonly released: VersionSnapshot;
  readonly before: ContractSnapshot;
  readonly contract: EventContract;
  readonly newest: number;
};

/** What became of a released version, and whether its full name says so. */
export const compareVersion = (comparison: Comparison): ContractChange[] => {
  const { released, contract } = comparison;
  const { type } = contract;
  const { version } = released;
  const today = contract.details(version);
  const told: Found[] = [
    ...compareFields(released.fields, withColumns(today.fields, comparison)),
    ...invariantChanges(released.invariants, today.invariants),
    ...contractChanges(comparison),
  ];
  const breaks = told.some(({ reach }) => reach === "model");
  const found = breaks ? told : [...told, ...sampleChanges(comparison)];
  const refusal = `Leave version ${version} as it was released, and put this into version ${comparison.newest + 1}, with an upcast.`;
  const changes = found.map(({ path, reach, what }): ContractChange => {
    return { type, version, path, reach, what, refusal: reach === "model" ? refusal : undefined };
  });
  const reach = changes.reduce<Reach>((furthest, change) => further(furthest, change.reach), "words");
  const name = nameAfter(released.schemaver, reach);
  return name === undefined ? changes : [...changes, ...misnamed(type, version, today.schemaver, name)];
};

/** A complaint when a version's full name is not the one that its changes ask for. */
export const misnamed = (type: string, version: number, declared: string, wanted: string): ContractChange[] => {
  if (declared === wanted) return [];
  const { revision, addition } = readSchemaver(wanted) ?? { revision: 0, addition: 0 };
  const what = `It calls itself ${declared}, and by its changes since the last release it is ${wanted}.`;
  const refusal = `Say so in the contract: revision: ${revision}, addition: ${addition}.`;
  return [{ type, version, path: undefined, reach: "words", what, refusal }];
};

type Found = { readonly path?: string | undefined; readonly reach: Reach; readonly what: string };

// A newer model decides the columns; only while there is none does a column that moves break its readers.
const withColumns = (fields: readonly ContractField[], { released, contract, newest }: Comparison): ContractField[] => {
  if (contract.version === newest) return [...fields];
  const columns = new Map(released.fields.map(({ path, column }) => [path, column]));
  return fields.map((field) => ({ ...field, column: columns.get(field.path) }));
};

const invariantChanges = (before: readonly ContractIssue[], today: readonly ContractIssue[]): Found[] => {
  const missing = (list: readonly ContractIssue[], among: readonly ContractIssue[]) =>
    list.filter(({ code, path }) => !among.some((other) => other.code === code && other.path === path));
  const reworded = today.filter((rule) =>
    before.some((other) => other.code === rule.code && other.path === rule.path && other.rule !== rule.rule),
  );
  return [
    ...missing(today, before).map(({ path, rule }): Found => {
      return { path, reach: "model", what: `A new rule: ${rule} Events that break it, which were right until now, are refused.` };
    }),
    ...missing(before, today).map(({ path, rule }): Found => ({ path, reach: "addition", what: `No longer a rule: ${rule}` })),
    ...reworded.map(({ path, rule }): Found => ({ path, reach: "revision", what: `The rule is told in other words: ${rule}` })),
  ];
};

// What a contract says for all its versions is counted in the newest.
const contractChanges = ({ released, before, contract, newest }: Comparison): Found[] => {
  if (released.version !== newest) return [];
  const missing = (list: readonly Reference[], among: readonly Reference[]) =>
    list.filter(({ kind, column }) => !among.some((other) => other.kind === kind && other.column === column));
  const found = (reach: Reach, list: readonly Reference[], what: (kind: string) => string): Found[] =>
    list.map(({ kind }) => ({ reach, what: what(kind) }));
  return [
    ...found("revision", missing(contract.needs, before.needs), (kind) => `Waits for its ${kind}; until now it counted at once.`),
    ...found("addition", missing(before.needs, contract.needs), (kind) => `No longer waits for its ${kind}.`),
    ...found("addition", missing(contract.refers, before.refers), (kind) => `Refers to its ${kind}.`),
    ...found("revision", missing(before.refers, contract.refers), (kind) => `No longer refers to its ${kind}.`),
    ...(before.normaliser === contract.normaliser
      ? []
      : [{ reach: "revision" as const, what: "Bodies are normalised by newer rules; some values may be read in another way." }]),
  ];
};

// Events as they were sent and stored at the release: taken and read today as they were then.
const sampleChanges = ({ released, contract, newest }: Comparison): Found[] => {
  const { version, samples } = released;
  return samples.flatMap(({ sent, data, columns }): Found[] => {
    const again = storedAs(contract, version, sent);
    if (again === undefined) return [{ reach: "model", what: "An event that was right at the release is refused." }];
    const changed = differing(data, again);
    if (changed.length > 0)
      return [{ reach: "model", what: `The same event is stored otherwise than at the release: ${changed.join(", ")}.` }];
    return readChanges(contract, { sent, data, columns }, version, contract.version === newest);
  });
};

const readChanges = (contract: EventContract, { data, columns }: StoredSample, version: number, comparable: boolean): Found[] => {
  try {
    const shown = columnsOf(contract, { ...data }, version);
    const changed = comparable ? differing(columns, shown).filter((name) => name in columns) : [];
    if (changed.length === 0) return [];
    return [{ reach: "model", what: `A stored event shows other values than at the release in ${changed.join(", ")}.` }];
  } catch (error) {
    return [
      {
        reach: "model",
        what: `A stored event can no longer be raised to version ${contract.version}: ${(error as Error).message}`,
      },
    ];
  }
};

const differing = (before: Readonly<Record<string, unknown>>, today: Readonly<Record<string, unknown>>): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(today)])].filter((name) => !isDeepStrictEqual(before[name], today[name]));

const nameAfter = (schemaver: string, reach: Reach): string | undefined => {
  const released = readSchemaver(schemaver);
  if (released === undefined || reach === "model") return undefined;
  const { model, revision, addition } = released;
  if (reach === "words") return schemaver;
  return reach === "addition" ? `${model}-${revision}-${addition + 1}` : `${model}-${revision + 1}-0`;
};
