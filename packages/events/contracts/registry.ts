import type { ContractIssue, Dialect, EventContract, NormalisedBody } from "@jukebase/platform/contract.ts";

/** The contracts of an installation, by event type. */
export type ContractRegistry = ReadonlyMap<string, EventContract>;

/** What of an envelope a contract judges. */
export type EnvelopeBody = {
  readonly type: unknown;
  readonly version?: number | undefined;
  readonly time?: string | undefined;
  readonly data?: unknown;
};

/** A body judged: normalised with its contract, or refused with every issue. `contract` is undefined for a type nobody knows. */
export type Judgement =
  | { readonly ok: true; readonly contract: EventContract; readonly value: NormalisedBody }
  | {
      readonly ok: false;
      readonly contract: EventContract | undefined;
      readonly version: number | undefined;
      readonly issues: readonly ContractIssue[];
    };

/** Gathers contracts by type. Throws where two contracts have one type, at start-up. */
export const contractRegistry = (contracts: readonly EventContract[]): ContractRegistry => {
  const registry = new Map<string, EventContract>();
  for (const contract of contracts) {
    if (registry.has(contract.type)) throw new Error(`two contracts are called ${contract.type}`);
    registry.set(contract.type, contract);
  }
  return registry;
};

/** Judges an envelope's body by the contract of its type. Never throws for bad input. */
export const checkBody = (
  registry: ContractRegistry,
  { type, version, time, data }: EnvelopeBody,
  dialect: Dialect,
): Judgement => {
  const contract = typeof type === "string" ? registry.get(type) : undefined;
  if (contract === undefined) return { ok: false, contract, version: undefined, issues: [unknownType(registry)] };
  const result = contract.normalise(data, version, time, dialect);
  return result.ok
    ? { ok: true, contract, value: result.value }
    : { ok: false, contract, version: result.version, issues: result.issues };
};

const unknownType = (registry: ContractRegistry): ContractIssue => ({
  path: "$.type",
  code: "unknown-type",
  rule: `No contract has this type. Known, spelt exactly so: ${[...registry.keys()].sort().join(", ")}.`,
});
