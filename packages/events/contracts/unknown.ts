import { jsonPath, type Shape } from "./shape.ts";
import { isObject } from "./unwrap.ts";

/** The part of a body that no contract names, in the places where it was sent; undefined when there is none. */
export const unknownIn = (
  body: Record<string, unknown>,
  shape: Shape,
  wrapper: string | undefined,
): Record<string, unknown> | undefined => {
  const inner = wrapper !== undefined && Object.hasOwn(body, wrapper) ? body[wrapper] : undefined;
  if (wrapper === undefined || !isObject(inner)) return strange(body, shape);
  const beside = new Map([...shape].filter(([name]) => name !== wrapper && !Object.hasOwn(inner, name)));
  const { [wrapper]: _, ...outer } = body;
  const [outside, inside] = [strange(outer, beside), strange(inner, shape)];
  return inside === undefined ? outside : { ...outside, [wrapper]: inside };
};

const strange = (object: Record<string, unknown>, shape: Shape): Record<string, unknown> | undefined => {
  let found: [string, unknown][] | undefined;
  for (const name of Object.keys(object)) {
    const node = shape.get(name);
    const value = object[name];
    const part = node === undefined ? value : node.kind === "group" && isObject(value) ? strange(value, node.shape) : undefined;
    if (node !== undefined && part === undefined) continue;
    found ??= [];
    found.push([name, part]);
  }
  return found && Object.fromEntries(found); // Not by assignment: a field may be called __proto__.
};

/**
 * The JSON path of each field that `unknown` holds: as far down as the contract knows the way, and one step further. A name that is not
 * plain is left out as "…", since senders may put anything into it.
 */
export const strangersIn = (
  unknown: Readonly<Record<string, unknown>>,
  shape: Shape,
  wrapper: string | undefined,
  home: readonly string[] = [],
): string[] =>
  Object.entries(unknown).flatMap(([name, value]) => {
    const path = [...home, /^[A-Za-z_$][\w-]{0,62}$/.test(name) ? name : "…"];
    const node = shape.get(name);
    if (node?.kind === "group" && isObject(value)) return strangersIn(value, node.shape, undefined, path);
    if (name === wrapper && node === undefined && isObject(value)) return strangersIn(value, shape, undefined, path);
    return [jsonPath(path)];
  });
