import type { ContractIssue, Dialect } from "@jukebase/platform/contract.ts";
import { type Amount, settleCurrencies } from "./settle-currencies.ts";
import { type Group, jsonPath, type Leaf, type Shape } from "./shape.ts";
import { isObject } from "./unwrap.ts";

/** What a walk over a body gathers beside the normalised data. */
export type Findings = {
  readonly issues: ContractIssue[];
  readonly sent: Record<string, unknown>;
  readonly pii: { path: string; kind: string; value: string }[];
};

/** Where the walk is: the source's dialect, and the path as sent of the object that holds a field. */
export type Place = { readonly dialect: Dialect; readonly home: ((name: string) => readonly string[]) | undefined };

type Data = Record<string, unknown>;

/** Reads every field of a shape from an object: normalised data, with issues, sent forms and PII put into `findings`. */
export const walk = (object: Readonly<Data>, shape: Shape, place: Place, findings: Findings): Data => {
  const data: Data = {};
  const amounts: Amount[] = [];
  for (const node of shape.values()) {
    const value = Object.hasOwn(object, node.name) ? object[node.name] : undefined;
    if (isAbsent(value, node)) noteAbsent(value, node, place, findings);
    else if (node.kind === "group") walkGroup(value, node, place, data, findings);
    else readLeaf(value, node, place, { data, amounts, findings });
  }
  if (amounts.length > 0) settleCurrencies(data, amounts, place.dialect, findings.issues);
  return data;
};

const isAbsent = (value: unknown, node: Leaf | Group): boolean =>
  value === undefined ||
  value === null ||
  (node.kind === "leaf" &&
    !node.required &&
    node.rule.emptyIsAbsent === true &&
    typeof value === "string" &&
    value.trim() === "");

// Where a node stands in what was sent: where its contract says, but for what a wrapper holds.
const placeOf = (node: Leaf | Group, { home }: Place): string =>
  home === undefined ? node.place : jsonPath([...home(node.name), node.name]);

const noteAbsent = (value: unknown, node: Leaf | Group, place: Place, findings: Findings): void => {
  if (node.required) {
    const expected = node.kind === "leaf" ? node.rule.rule : node.meaning;
    findings.issues.push({ path: placeOf(node, place), code: "missing", rule: `Is missing. Expected: ${expected}` });
  } else if (value !== undefined && !isPersonal(node)) findings.sent[placeOf(node, place)] = value;
};

const isPersonal = (node: Leaf | Group): boolean => node.kind === "leaf" && node.rule.pii !== undefined;

const walkGroup = (value: unknown, node: Group, place: Place, data: Data, findings: Findings): void => {
  if (isObject(value)) {
    const { dialect, home } = place;
    const inside = home === undefined ? undefined : [...home(node.name), node.name];
    data[node.name] = walk(value, node.shape, { dialect, home: inside && (() => inside) }, findings);
  } else {
    const rule = `Is not an object. Expected: ${node.meaning}`;
    findings.issues.push({ path: placeOf(node, place), code: "not-an-object", rule });
  }
};

type Target = { readonly data: Data; readonly amounts: Amount[]; readonly findings: Findings };

const readLeaf = (value: unknown, leaf: Leaf, place: Place, { data, amounts, findings }: Target): void => {
  const { rule } = leaf;
  const reading = rule.read(value, place.dialect);
  if (!reading.ok) {
    findings.issues.push({
      path: placeOf(leaf, place),
      code: reading.code,
      rule: `${reading.reason} Expected: ${rule.rule}`,
    });
    return;
  }
  if (rule.pii !== undefined) {
    findings.pii.push({ path: leaf.place, kind: rule.pii, value: String(reading.value) });
    return;
  }
  data[leaf.name] = reading.value;
  if (reading.value !== value) findings.sent[placeOf(leaf, place)] = value;
  if (rule.currencyField !== undefined) {
    amounts.push({ path: placeOf(leaf, place), currencyField: rule.currencyField, currencies: reading.currencies });
  }
};
