import type { z } from "zod";
import type { Scalar } from "../reading.ts";
import { fieldRules, ruleOf } from "./field.ts";

/** A class of a PII value that stays in the event: the name of the field beside it, and how it follows from the value. */
export type Leaves = { readonly field: string; readonly of: (value: string) => Scalar | undefined };

/**
 * Marks a field as PII of a kind ("phone", "email"): its value goes to the vault and a token stays.
 * What `leaves` names must be a field of the contract too; it may be sent instead of the value, and the value decides if both are.
 */
export const personal = <S extends z.ZodType>(kind: string, schema: S, leaves?: Leaves): S => {
  const rule = ruleOf(schema);
  if (rule === undefined) throw new Error("personal() wraps a field made by a field builder");
  const marked = schema.meta({ description: `${rule.meaning} ${rule.rule} Kept in the vault.`, pii: kind });
  fieldRules.add(marked, { rule: { ...rule, pii: kind, leaves } });
  return marked;
};

/** The domain of an e-mail address, in lower case; undefined where the text is no address. */
export const emailDomain = (email: string): string | undefined => {
  const domain = email.slice(email.lastIndexOf("@") + 1).toLowerCase();
  return email.includes("@", 1) && domain.length <= 253 && DOMAIN.test(domain) ? domain : undefined;
};

/** The decade of a date YYYY-MM-DD: 1980 for 1987-06-05. */
export const decade = (date: string): number => Math.floor(Number(date.slice(0, 4)) / 10) * 10;

const DOMAIN = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;
