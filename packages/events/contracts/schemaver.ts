import type { EventContract } from "@jukebase/platform/contract.ts";

/** A version's full name taken apart: MODEL-REVISION-ADDITION. */
export type Schemaver = { readonly model: number; readonly revision: number; readonly addition: number };

/** Takes a full name apart; undefined for anything else. */
export const readSchemaver = (text: string): Schemaver | undefined => {
  const [, model, revision, addition] = FULL.exec(text) ?? [];
  return model === undefined ? undefined : { model: Number(model), revision: Number(revision), addition: Number(addition) };
};

/** Whether an envelope's version may be one: 2, "2" or "2-0-1". */
export const isVersion = (version: unknown): boolean =>
  typeof version === "number" ? Number.isInteger(version) : typeof version === "string" && VERSION.test(version);

/** The model that a version names; what is no version's name is left as it is. */
export const modelOf = (version: unknown): unknown =>
  typeof version === "string" && VERSION.test(version) ? Number.parseInt(version, 10) : version;

/** The version of a contract that a text names (2 or 2-0-1); undefined when it has no such version, or not yet. */
export const readVersion = (contract: EventContract, named: string): number | undefined => {
  const version = isVersion(named) ? modelNamed(contract, named) : undefined;
  return version !== undefined && contract.versions.includes(version) ? version : undefined;
};

/**
 * The model by which a contract judges what names this version: undefined when it names none, NaN when it names one that the contract
 * does not have yet. An older revision or addition of a model is judged as the model stands today.
 */
export const modelNamed = (contract: EventContract, version: unknown): number | undefined => {
  if (typeof version !== "string") return version as number | undefined;
  const model = modelOf(version) as number;
  const named = readSchemaver(version);
  if (named === undefined || !contract.versions.includes(model)) return model;
  const today = readSchemaver(contract.details(model).schemaver);
  return today === undefined || isLater(named, today) ? Number.NaN : model;
};

const isLater = (one: Schemaver, other: Schemaver): boolean =>
  one.revision > other.revision || (one.revision === other.revision && one.addition > other.addition);

const FULL = /^([1-9]\d{0,4})-(0|[1-9]\d{0,4})-(0|[1-9]\d{0,4})$/;
const VERSION = /^[1-9]\d{0,4}(?:-(?:0|[1-9]\d{0,4})-(?:0|[1-9]\d{0,4}))?$/;
