import type { Leaf } from "./shape.ts";

/** Puts the class of each PII value (birth decade, e-mail domain) into the data, over what the sender put there; notes the sent form. */
export const leaveClasses = (
  leaves: readonly Leaf[],
  pii: readonly { readonly path: string; readonly value: string }[],
  data: Record<string, unknown>,
  sent: Record<string, unknown>,
): void => {
  for (const leaf of leaves) {
    const left = leaf.rule.leaves;
    const value = pii.find(({ path }) => path === `$.${leaf.name}`)?.value;
    if (left === undefined || value === undefined) continue;
    const found = left.of(value);
    if (found === undefined) continue;
    const path = `$.${left.field}`;
    if (data[left.field] !== undefined && data[left.field] !== found && !Object.hasOwn(sent, path)) sent[path] = data[left.field];
    data[left.field] = found;
  }
};
