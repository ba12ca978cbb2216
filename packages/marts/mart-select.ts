import { readFile } from "node:fs/promises";
import { Invalid } from "@jukebase/platform/errors.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { parse } from "libpg-query";
import { fileOf } from "./define-mart.ts";

/** A relation named in a SELECT, and where: offsets into the text. */
export type Reading = { readonly schema: string; readonly relation: string; readonly at: number; readonly aliased: boolean };

/** A SELECT and the schema-qualified relations in it. */
export type Named = Pick<MartSelect, "text" | "readings" | "qualifiers">;

/** The one SELECT of a mart's file, its rule (the leading comment), and every schema-qualified relation in it. */
export type MartSelect = {
  readonly text: string;
  readonly rule: string;
  readonly readings: readonly Reading[];
  readonly qualifiers: readonly { readonly schema: string; readonly at: number }[];
};

/**
 * Reads and parses a mart's file. Throws Invalid with file and line when it is not SQL, not exactly one SELECT, has no leading
 * comment, names a relation without its schema, or depends on the time at which it runs.
 */
export async function readMartSelect(mart: Mart): Promise<MartSelect> {
  const text = (await readFile(mart.file, "utf8")).trimEnd().replace(/;$/, "");
  return parseMartSelect(text, fileOf(mart));
}

/** The same for a text; `file` is how messages name it. */
export async function parseMartSelect(text: string, file: string): Promise<MartSelect> {
  const rule = leadingComment(text);
  if (rule === "") throw new Invalid(`${file}: the file must open with a comment that says the rule`);
  const statements = await statementsOf(text, file);
  const [statement, ...more] = statements.map(({ stmt }) => stmt as Node);
  if (statement?.SelectStmt === undefined || more.length > 0) throw new Invalid(`${file}: a mart is exactly one SELECT`);
  return { text, rule, ...collect(statement, text, file) };
}

/** What a SELECT names, without the rules that a mart's file keeps. `given`: relations that it may name without a schema. */
export async function parseSelect(text: string, file: string, given: readonly string[] = []): Promise<Named> {
  const found = find(await statementsOf(text, file), text);
  refuseUnqualified(found, given, text, file);
  return { text, readings: found.readings, qualifiers: found.qualifiers };
}

/** The text with relations renamed as `rename` says (undefined: left as it is); lines stay where they are. */
export function renameReadings(select: Named, rename: (schema: string, relation: string) => string | undefined): string {
  const edits: { at: number; from: RegExp; to: string }[] = [];
  const renamed = new Set<string>();
  for (const { schema, relation, at, aliased } of select.readings) {
    const to = rename(schema, relation);
    if (to === undefined) continue;
    renamed.add(schema);
    edits.push({ at, from: qualifiedName, to: aliased ? to : `${to} as "${relation}"` });
  }
  for (const { schema, at } of select.qualifiers) if (renamed.has(schema)) edits.push({ at, from: qualifier, to: "" });
  return edits
    .sort((a, b) => b.at - a.at)
    .reduce((text, { at, from, to }) => text.slice(0, at) + text.slice(at).replace(from, () => to), select.text);
}

/** The 1-based line of a 0-based offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, Math.max(0, offset)).split("\n").length;
}

const qualifiedName = /^(?:"[^"]+"|\w+)\s*\.\s*(?:"[^"]+"|\w+)/;
const qualifier = /^(?:"[^"]+"|\w+)\s*\.\s*/;

/** A node of the parser's tree. */
export type Node = { readonly [key: string]: unknown };

/** What a tree names: relations with and without their schema, and what changes by itself (`now()`); offsets into the text. */
export type Found = {
  readings: Reading[];
  qualifiers: { schema: string; at: number }[];
  unqualified: { name: string; at: number }[];
  moments: { name: string; at: number }[];
  ctes: Set<string>;
};

/** The statements of a text. Throws Invalid with file and line when it is not SQL. */
export async function statementsOf(text: string, file: string): Promise<Node[]> {
  try {
    return ((await parse(text)) as { stmts?: Node[] }).stmts ?? [];
  } catch (cause) {
    const at = (cause as { sqlDetails?: { cursorPosition?: number } }).sqlDetails?.cursorPosition ?? 0;
    throw new Invalid(`${file}:${lineAt(text, at)}: ${(cause as Error).message}`, { cause });
  }
}

function collect(tree: unknown, text: string, file: string): Omit<MartSelect, "text" | "rule"> {
  const found = find(tree, text);
  const [moment] = found.moments;
  if (moment !== undefined)
    throw new Invalid(`${file}:${lineAt(text, moment.at)}: ${moment.name} changes by itself; the business date is a row`);
  refuseUnqualified(found, [], text, file);
  return { readings: found.readings, qualifiers: found.qualifiers };
}

/** Looks through a tree that was parsed from the text. */
export function find(tree: unknown, text: string): Found {
  const found: Found = { readings: [], qualifiers: [], unqualified: [], moments: [], ctes: new Set() };
  const place = characters(text);
  visit(tree, (kind, node) => {
    const at = place(Number(node.location ?? 0));
    const moment = dependsOnNow(kind, node);
    if (moment !== undefined) found.moments.push({ name: moment, at });
    if (kind === "CommonTableExpr") found.ctes.add(String(node.ctename));
    if (kind === "ColumnRef") noteQualifier(node, at, found);
    if (kind === "RangeVar") noteReading(node, at, found);
  });
  return found;
}

function refuseUnqualified({ unqualified, ctes }: Found, given: readonly string[], text: string, file: string): void {
  const unknown = unqualified.find(({ name }) => !ctes.has(name) && !given.includes(name));
  if (unknown === undefined) return;
  throw new Invalid(`${file}:${lineAt(text, unknown.at)}: ${unknown.name} has no schema; write schema.${unknown.name}`);
}

function noteReading(node: Node, at: number, found: Found): void {
  const relation = String(node.relname);
  if (node.schemaname === undefined) found.unqualified.push({ name: relation, at });
  else found.readings.push({ schema: String(node.schemaname), relation, at, aliased: node.alias !== undefined });
}

function noteQualifier(node: Node, at: number, found: Found): void {
  const names = node.fields as Node[];
  const first = names[0]?.String as { sval?: string } | undefined;
  if (names.length === 3 && first?.sval !== undefined) found.qualifiers.push({ schema: first.sval, at });
}

const movingFunctions =
  /^(now|random|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|gen_random_uuid|uuidv4|uuidv7)$/;

function dependsOnNow(kind: string, node: Node): string | undefined {
  if (kind === "SQLValueFunction") return String(node.op).replace("SVFOP_", "").toLowerCase();
  if (kind !== "FuncCall") return undefined;
  const name = (node.funcname as Node[]).map((part) => (part.String as { sval?: string } | undefined)?.sval).at(-1) ?? "";
  return movingFunctions.test(name) ? `${name}()` : undefined;
}

/** Calls `each` for every node of a tree, with its kind. */
export function visit(tree: unknown, each: (kind: string, node: Node) => void): void {
  if (tree === null || typeof tree !== "object") return;
  for (const [kind, value] of Object.entries(tree)) {
    if (/^[A-Z]/.test(kind) && value !== null && typeof value === "object") each(kind, value as Node);
    visit(value, each);
  }
}

// In the tree the parser counts UTF-8 bytes (in its errors, characters); JavaScript counts UTF-16 units.
function characters(text: string): (byte: number) => number {
  const bytes = Buffer.from(text, "utf8");
  return (byte) => bytes.subarray(0, byte).toString("utf8").length;
}

/** The comment with which a file opens: the rule, in words; empty without one. */
export function leadingComment(text: string): string {
  const comment = /^\s*(?:\/\*([\s\S]*?)\*\/|((?:[ \t]*--[^\n]*\n)+))/.exec(text);
  return (comment?.[1] ?? comment?.[2] ?? "").replace(/^[ \t]*--[ \t]?/gm, "").trim();
}
