import type { Fields, Leaf, Shape } from "./shape.ts";
import { leavesOf, shapeOf } from "./shape.ts";

type Body = Readonly<Record<string, unknown>>;

/** A rule over several fields of a body, judged when each field for itself is right. */
export type Invariant = {
  readonly path: string;
  readonly code: string;
  readonly rule: string;
  readonly holds: (data: Body) => boolean;
};

/** One version of an event type, as a contract writes it. */
export type VersionDefinition = {
  readonly fields: Fields;
  /** Counts what may not fit all that older data says, since the last release but one of this version; 0 unless told. */
  readonly revision?: number;
  /** Counts what fits all that older data says; 0 unless told, and again with each revision. */
  readonly addition?: number;
  /** Whether a body that names no version is of this one; asked newest first. Version 1 needs none. */
  readonly when?: (body: Body) => boolean;
  /** Raises normalised data of the version before to this one; left out where this one only adds optional fields. */
  readonly upcast?: (data: Record<string, unknown>) => Record<string, unknown>;
  /** View column → SQL over `data`, for rows of this version whose upcast changes that column. */
  readonly sql?: Readonly<Record<string, string>>;
  readonly invariants?: readonly Invariant[];
};

/** A version laid out for use. */
export type Version = VersionDefinition & { readonly number: number; readonly shape: Shape; readonly leaves: readonly Leaf[] };

/** A version's full name: MODEL-REVISION-ADDITION. */
export const schemaverOf = ({ number, revision = 0, addition = 0 }: Version): string => `${number}-${revision}-${addition}`;

/** Lays out the versions of a contract, newest first. */
export const versionsOf = (definitions: Readonly<Record<number, VersionDefinition>>): Version[] =>
  Object.entries(definitions)
    .map(([number, definition]) => {
      const shape = shapeOf(definition.fields);
      return { ...definition, number: Number(number), shape, leaves: leavesOf(shape) };
    })
    .sort((a, b) => b.number - a.number);

/** The version that a body is judged by: the one it names, else the newest whose `when` it meets, else the oldest; undefined if it names none of these. */
export const versionFor = (versions: readonly Version[], body: Body, named: number | undefined): Version | undefined =>
  named === undefined
    ? (versions.find(({ when }) => when?.(body) === true) ?? versions.at(-1))
    : versions.find(({ number }) => number === named);

/** A `when`: the body has one of these fields, and not as null. */
export const hasAny =
  (...names: readonly string[]) =>
  (body: Body): boolean =>
    names.some((name) => Object.hasOwn(body, name) && body[name] !== null && body[name] !== undefined);
