import { z } from "zod";
import { type FieldRule, ruleOf } from "./fields/field.ts";

/** One field of a body, as the machinery walks it: a leaf with a rule. */
export type Leaf = {
  readonly kind: "leaf";
  readonly name: string;
  readonly path: readonly string[];
  /** The same as JSONPath. */
  readonly place: string;
  /** Whether the object that holds it must have it. */
  readonly required: boolean;
  /** Whether every body must have it: required, and so is every group around it. */
  readonly demanded: boolean;
  readonly rule: FieldRule;
};

/** A group of fields inside a body. */
export type Group = {
  readonly kind: "group";
  readonly name: string;
  readonly path: readonly string[];
  readonly place: string;
  readonly required: boolean;
  readonly meaning: string;
  readonly shape: Shape;
};

/** The fields of one object, by name and in the order of the contract. */
export type Shape = ReadonlyMap<string, Leaf | Group>;

/** The zod fields of a body or of a group, by the names a sender uses. */
export type Fields = Readonly<Record<string, z.ZodType>>;

/** Lays out zod fields for walking. Throws for a schema that no field builder made, which is a mistake in the contract. */
export const shapeOf = (fields: Fields, path: readonly string[] = [], demanded = true): Shape =>
  new Map(Object.entries(fields).map(([name, schema]) => [name, nodeOf(schema, [...path, name], demanded)]));

/** The leaves of a shape, groups opened. */
export const leavesOf = (shape: Shape): Leaf[] =>
  [...shape.values()].flatMap((node) => (node.kind === "leaf" ? [node] : leavesOf(node.shape)));

/** The field or group at a path of a shape; undefined where there is none. */
export const shapeNode = (shape: Shape, [name = "", ...rest]: readonly string[]): Leaf | Group | undefined => {
  const node = shape.get(name);
  if (rest.length === 0) return node;
  return node?.kind === "group" ? shapeNode(node.shape, rest) : undefined;
};

/** A path as JSONPath: `$.DeviceDetails.DevicePrice`. */
export const jsonPath = (path: readonly string[]): string => ["$", ...path].join(".");

/** The body as a sender may write it: extra fields allowed, null where a field is optional, or all of it under one wrapping field. */
export const senderSchema = (fields: Fields, wrapper: string | undefined): z.ZodType => {
  const body = z.looseObject(nullable(fields));
  return wrapper === undefined ? body : z.union([body, z.looseObject({ [wrapper]: body })]);
};

const nodeOf = (schema: z.ZodType, path: readonly string[], outer: boolean): Leaf | Group => {
  const name = path.at(-1) ?? "";
  const required = !(schema instanceof z.ZodOptional);
  const inner = required ? schema : (schema.unwrap() as z.ZodType);
  const rule = ruleOf(inner);
  if (rule !== undefined) return { kind: "leaf", name, path, place: jsonPath(path), required, demanded: outer && required, rule };
  if (!(inner instanceof z.ZodObject)) throw new Error(`${jsonPath(path)} is not made by a field builder`);
  const shape = shapeOf(inner.shape as Fields, path, outer && required);
  return { kind: "group", name, path, place: jsonPath(path), required, meaning: inner.description ?? "", shape };
};

const nullable = (fields: Fields): Record<string, z.ZodType> =>
  Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, sent(schema)]));

const sent = (schema: z.ZodType): z.ZodType => {
  if (schema instanceof z.ZodOptional) return sent(schema.unwrap() as z.ZodType).nullish();
  return schema instanceof z.ZodObject
    ? z.looseObject(nullable(schema.shape as Fields)).describe(schema.description ?? "")
    : schema;
};
