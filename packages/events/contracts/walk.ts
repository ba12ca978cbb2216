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
export type Place = { readonly dialect: Dialect; readonly home: (name: string) => readonly string[] };

type Data = Record<string, unknown>;

/** Reads every field of a shape from an object: normalised data, with issues, sent forms and PII put into `findings`. */
export const walk = (object: Readonly<Data>, shape: Shape, place: Place, findings: Findings): Data => {
  const data: Data = {};
  const amounts: Amount[] = [];
  for (const node of shape.values()) {
    const path = [...place.home(node.name), node.name];
    const value = Object.hasOwn(object, node.name) ? object[node.name] : undefined;
    if (isAbsent(value, node)) noteAbsent(value, node, jsonPath(path), findings);
    else if (node.kind === "group") walkGroup(value, node, path, { data, dialect: place.dialect, findings });
    else readLeaf(value, node, jsonPath(path), { data, amounts, dialect: place.dialect, findings });
  }
  settleCurrencies(data, amounts, place.dialect, findings.issues);
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

const noteAbsent = (value: unknown, node: Leaf | Group, path: string, findings: Findings): void => {
  const expected = node.kind === "leaf" ? node.rule.rule : node.meaning;
  if (node.required) findings.issues.push({ path, code: "missing", rule: `Is missing. Expected: ${expected}` });
  else if (value !== undefined && !isPersonal(node)) findings.sent[path] = value;
};

const isPersonal = (node: Leaf | Group): boolean => node.kind === "leaf" && node.rule.pii !== undefined;

type Target = { readonly data: Data; readonly dialect: Dialect; readonly findings: Findings };

const walkGroup = (value: unknown, node: Group, path: readonly string[], { data, dialect, findings }: Target): void => {
  if (isObject(value)) data[node.name] = walk(value, node.shape, { dialect, home: () => path }, findings);
  else findings.issues.push({ path: jsonPath(path), code: "not-an-object", rule: `Is not an object. Expected: ${node.meaning}` });
};

const readLeaf = (value: unknown, leaf: Leaf, path: string, target: Target & { readonly amounts: Amount[] }): void => {
  const { data, dialect, findings } = target;
  const reading = leaf.rule.read(value, dialect);
  if (!reading.ok) {
    findings.issues.push({ path, code: reading.code, rule: `${reading.reason} Expected: ${leaf.rule.rule}` });
    return;
  }
  if (leaf.rule.pii !== undefined) {
    findings.pii.push({ path: jsonPath(leaf.path), kind: leaf.rule.pii, value: String(reading.value) });
    return;
  }
  data[leaf.name] = reading.value;
  if (reading.value !== value) findings.sent[path] = value;
  if (leaf.rule.currencyField !== undefined) {
    target.amounts.push({ path, currencyField: leaf.rule.currencyField, currencies: reading.currencies });
  }
};
