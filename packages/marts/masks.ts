import type { Mart, Mask } from "@jukebase/platform/mart.ts";
import { literal, quoted } from "./quote.ts";

/** A column of a store, with its SQL type. */
export type TypedColumn = { readonly name: string; readonly type: string };

/** Whether readers see less of a mart than its owner does. */
export function isGuarded({ sensitive = {}, visibleTo = {} }: Pick<Mart, "sensitive" | "visibleTo">): boolean {
  return Object.keys(sensitive).length + Object.keys(visibleTo).length > 0;
}

/** What decides how a mart's public view reads, as text: where it changes, the view is made anew, and its store stays. */
export function publicForm({ sensitive, visibleTo }: Mart): string {
  return JSON.stringify([1, sensitive ?? null, visibleTo ?? null]);
}

/** What stands in place of a column's value, as SQL of the column's type. */
export function maskAs(mask: Mask, type: string): string {
  if (mask.as === "null") return `null::${type}`;
  if (mask.as === "text") return `${literal(mask.text)}::${type}`;
  return `(${mask.sql})::${type}`;
}

/**
 * The mart's columns as SQL over its store, each that tells of a person under its mask, whoever reads: for samples and failing rows that
 * are shown or kept.
 */
export function maskedColumns(mart: Mart, columns: readonly TypedColumn[]): string {
  const masked = columns.map(({ name, type }) => {
    const mask = mart.sensitive?.[name];
    return mask === undefined ? quoted(name) : `${maskAs(mask, type)} as ${quoted(name)}`;
  });
  return masked.join(", ");
}
