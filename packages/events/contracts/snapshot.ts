import type { ContractField, ContractVersion, EventContract, FieldForm, Reference } from "@jukebase/platform/contract.ts";
import { Invalid } from "@jukebase/platform/errors.ts";
import { z } from "zod";
import { type StoredSample, samplesOf } from "./samples.ts";

/** A version as it was released: what was promised, and events as they were stored under it. */
export type VersionSnapshot = ContractVersion & { readonly samples: readonly StoredSample[] };

/** A contract as it was released. */
export type ContractSnapshot = Pick<EventContract, "type" | "description" | "naturalKey" | "normaliser"> & {
  readonly subject?: string | undefined;
  readonly needs: readonly Reference[];
  readonly refers: readonly Reference[];
  readonly versions: readonly VersionSnapshot[];
};

/** What all contracts promise at a moment, to be compared with later. */
export const snapshotOf = (contracts: readonly EventContract[]): ContractSnapshot[] =>
  contracts.map((contract) => {
    const { type, description, naturalKey, normaliser, subject, needs, refers, versions } = contract;
    return {
      type,
      description,
      naturalKey,
      normaliser,
      subject: subject && `${subject.kind} ${subject.field}`,
      needs,
      refers,
      versions: versions.map((version) => ({ ...contract.details(version), samples: samplesOf(contract, version) })),
    };
  });

/** A snapshot as the text of a file; the same contracts give the same text. */
export const snapshotText = (contracts: readonly ContractSnapshot[]): string => `${JSON.stringify({ contracts }, null, 2)}\n`;

/** Reads such a text. Throws `Invalid` when it is none; `name` says which file. */
export const readSnapshot = (text: string, name: string): ContractSnapshot[] => {
  const parsed = file.safeParse(jsonOf(text, name));
  if (parsed.success) return parsed.data.contracts;
  const [issue] = parsed.error.issues;
  throw new Invalid(`${name} is no release of contracts: ${issue?.path.join(".")}: ${issue?.message}.`);
};

const jsonOf = (text: string, name: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Invalid(`${name} is not JSON.`, { cause: error });
  }
};

const body = z.record(z.string(), z.unknown());
const reference = z.object({ kind: z.string(), column: z.string() });
const form: z.ZodType<FieldForm> = z.object({
  name: z.string(),
  min: z.number().optional(),
  max: z.number().optional(),
  sign: z.enum(["any", "not negative", "positive"]).exactOptional(),
  values: z.array(z.string()).exactOptional(),
});
const field: z.ZodType<ContractField> = z.object({
  path: z.string(),
  required: z.boolean(),
  form,
  rule: z.string(),
  pii: z.string().optional(),
  column: z.string().optional(),
});
const version: z.ZodType<VersionSnapshot> = z.object({
  version: z.int(),
  schemaver: z.string(),
  fields: z.array(field),
  invariants: z.array(z.object({ path: z.string(), code: z.string(), rule: z.string() })),
  upcasts: z.boolean(),
  samples: z.array(z.object({ sent: body, data: body, columns: body })),
});
const contract: z.ZodType<ContractSnapshot> = z.object({
  type: z.string(),
  description: z.string(),
  naturalKey: z.string(),
  normaliser: z.int(),
  subject: z.string().optional(),
  needs: z.array(reference),
  refers: z.array(reference),
  versions: z.array(version),
});
const file = z.object({ contracts: z.array(contract) });
