import type { ContractColumn, Dialect, FieldForm } from "@jukebase/platform/contract.ts";
import { z } from "zod";
import type { Reading, Scalar } from "../reading.ts";

/** All that the machinery knows of one field beyond its zod schema. */
export type FieldRule = {
  /** What the field says, in one sentence; the view column's comment. */
  readonly meaning: string;
  /** How it may be written and what becomes of it, in words; shown in documentation and in quarantine. */
  readonly rule: string;
  readonly sql: ContractColumn["sql"];
  /** What releases of the contract are compared by: the builder's name, and the bounds that it was given. */
  readonly form: FieldForm;
  /** Name of the view column, where it is not the field's own name in snake case. */
  readonly column?: string | undefined;
  /** Kind of PII; the value goes to the vault. */
  readonly pii?: string | undefined;
  /** A class of the PII value that stays in the event, under another field's name. */
  readonly leaves?: { readonly field: string; readonly of: (value: string) => Scalar | undefined } | undefined;
  /** For an amount: the field beside it that holds its currency. */
  readonly currencyField?: string | undefined;
  /** Whether an empty text means that an optional field is absent. */
  readonly emptyIsAbsent?: boolean | undefined;
  readonly read: (value: unknown, dialect: Dialect) => Reading;
};

/** The rules of all fields, by schema. */
export const fieldRules: z.core.$ZodRegistry<{ rule: FieldRule }> = z.registry();

/**
 * Makes a field. `schema` says which JSON types may be sent, for the documentation; `rule.read` alone judges and normalises
 * the value, because that takes the source's dialect, which zod cannot be given.
 */
export const field = <S extends z.ZodType>(schema: S, rule: FieldRule): S => {
  const described = schema.describe(`${rule.meaning} ${rule.rule}`);
  fieldRules.add(described, { rule });
  return described;
};

/** The rule of a schema made by `field`; undefined for any other schema. */
export const ruleOf = (schema: z.ZodType): FieldRule | undefined => fieldRules.get(schema)?.rule;
