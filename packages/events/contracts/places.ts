import { isObject } from "./unwrap.ts";

type Body = Readonly<Record<string, unknown>>;

/** A body with a value put at a JSON path of plain names; the objects on the way are made. */
export const putAt = (body: Body, path: string, value: unknown): Record<string, unknown> =>
  joined(
    body,
    path
      .split(".")
      .slice(1)
      .reduceRight<unknown>((held, name) => Object.fromEntries([[name, held]]), value) as Body,
  );

/** Two bodies as one; where both hold an object, these are joined too, and else the second one's value stands. */
export const joined = (one: Body, other: Body = {}): Record<string, unknown> => {
  const both = new Map(Object.entries(one));
  for (const [name, value] of Object.entries(other)) {
    const known = both.get(name);
    both.set(name, isObject(known) && isObject(value) ? joined(known, value) : value);
  }
  return Object.fromEntries(both); // Not by assignment: a field may be called __proto__.
};
