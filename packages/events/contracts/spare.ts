import type { ContractIssue, Spared } from "@jukebase/platform/contract.ts";
import { jsonPath, type Leaf, type Shape, shapeNode } from "./shape.ts";
import { isObject } from "./unwrap.ts";
import type { Version } from "./version.ts";

/** What sparing needs to know of a contract. */
export type Sparing = {
  readonly wrapper: string | undefined;
  /** JSON paths of the fields by which an event is known, dated and attributed: these are never taken out, nor what holds them. */
  readonly keys: ReadonlySet<string>;
};

/**
 * Takes the optional values that broke their rules out of a body: of each, the smallest part that its contract can do without.
 * They become null, which is absent. Undefined where an issue is of no value, or of one that cannot be spared.
 */
export const spareFrom = (
  body: unknown,
  version: Version,
  issues: readonly ContractIssue[],
  sparing: Sparing,
): Spared | undefined => {
  const found = issues.map((issue) => ({ issue, path: sparePath(body, version, issue, sparing) }));
  const broken: Spared["broken"][number][] = [];
  let rest = body;
  for (const { issue, path } of found) {
    if (path === undefined) return undefined;
    if (broken.some((known) => known.path === jsonPath(path))) continue;
    broken.push({ path: jsonPath(path), value: valueAt(body, path), issue });
    rest = without(rest, path);
  }
  return { body: rest, broken };
};

/** Whether each issue is of a value that was sent and breaks its field's rule, by itself or as a part of an optional group. */
export const areValues = (
  body: unknown,
  version: Version,
  issues: readonly ContractIssue[],
  { wrapper }: Pick<Sparing, "wrapper">,
): boolean =>
  issues.every((issue) => {
    const place = placeOf(body, version, issue, wrapper);
    if (place === undefined) return false;
    const isSent = (path: readonly string[]): boolean => (valueAt(body, [...place.home, ...path]) ?? null) !== null;
    return isSent(place.path) || groupsAround(place.path, version.shape).some(({ path, required }) => !required && isSent(path));
  });

// The smallest optional node around the issue, as a path into what was sent.
const sparePath = (
  body: unknown,
  version: Version,
  issue: ContractIssue,
  { wrapper, keys }: Sparing,
): readonly string[] | undefined => {
  const place = placeOf(body, version, issue, wrapper);
  if (place === undefined) return undefined;
  const node = shapeNode(version.shape, place.path);
  const around = [...(node === undefined ? [] : [node]), ...groupsAround(place.path, version.shape)];
  const spared = around.find(
    ({ path, required }) => !required && !holdsKey(path, keys) && !isCurrencyOfAmount(path, version.shape, body, place.home),
  );
  return spared && [...place.home, ...spared.path];
};

type IssuePlace = { readonly home: readonly string[]; readonly path: readonly string[] };

// Issues name places as sent; the contract's own path begins behind the wrapper. Rules over several fields have no place.
const placeOf = (body: unknown, version: Version, issue: ContractIssue, wrapper: string | undefined): IssuePlace | undefined => {
  if (version.invariants?.some(({ path, code }) => path === issue.path && code === issue.code)) return undefined;
  const [root, ...sent] = issue.path.split(".");
  if (root !== "$" || sent.length === 0) return undefined;
  const isWrapped = wrapper !== undefined && sent.length > 1 && sent[0] === wrapper && isObject(valueAt(body, [wrapper]));
  const place = isWrapped ? { home: sent.slice(0, 1), path: sent.slice(1) } : { home: [], path: sent };
  return shapeNode(version.shape, place.path) === undefined ? undefined : place;
};

// The groups that a path leads through, the innermost first.
const groupsAround = (path: readonly string[], shape: Shape) =>
  path
    .slice(0, -1)
    .flatMap((_, depth) => shapeNode(shape, path.slice(0, depth + 1)) ?? [])
    .reverse();

const holdsKey = (path: readonly string[], keys: ReadonlySet<string>): boolean => {
  const place = jsonPath(path);
  return [...keys].some((key) => key === place || key.startsWith(`${place}.`));
};

// Without its currency an amount would be read in the source's: another sum of money than was sent.
const isCurrencyOfAmount = (path: readonly string[], shape: Shape, body: unknown, home: readonly string[]): boolean => {
  const [around, name] = [path.slice(0, -1), path.at(-1)];
  const group = around.length === 0 ? shape : groupShape(shape, around);
  const amounts = [...group.values()].filter((node): node is Leaf => node.kind === "leaf" && node.rule.currencyField === name);
  return amounts.some((amount) => (valueAt(body, [...home, ...amount.path]) ?? null) !== null);
};

const groupShape = (shape: Shape, path: readonly string[]): Shape => {
  const node = shapeNode(shape, path);
  return node?.kind === "group" ? node.shape : new Map();
};

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((held, name) => (isObject(held) && Object.hasOwn(held, name) ? held[name] : undefined), value);

const without = (value: unknown, [name, ...rest]: readonly string[]): unknown =>
  name === undefined || !isObject(value)
    ? null
    : Object.fromEntries(Object.entries(value).map(([key, held]) => [key, key === name ? without(held, rest) : held]));
