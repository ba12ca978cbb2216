import { Invalid } from "@jukebase/platform";
import type { Request } from "express";

/** One value of the query or of a form, trimmed; undefined when it is blank. Throws `Invalid` when it is given twice. */
export function asked(from: unknown, name: string): string | undefined {
  const value = (from as Record<string, unknown> | undefined)?.[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new Invalid(`${name} can be given once.`);
  return value.trim() === "" ? undefined : value.trim();
}

/** A whole number from zero on; undefined when it is blank. */
export function askedNumber(from: unknown, name: string): number | undefined {
  const text = asked(from, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new Invalid(`${name} is a whole number, not "${text}".`);
  return Number(text);
}

/** An address with a query, blank values left out. */
export function address(path: string, query: Readonly<Record<string, string | number | undefined>>): string {
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
  return search.size === 0 ? path : `${path}?${search}`;
}

/** The fields of a posted form. */
export function formOf(request: Request): Readonly<Record<string, unknown>> {
  return (request.body ?? {}) as Record<string, unknown>;
}
