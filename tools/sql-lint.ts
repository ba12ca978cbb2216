import { hasSqlDetails, parse } from "libpg-query";

/** One thing wrong in a SQL file; line and column count from 1. */
export type SqlIssue = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly rule: string;
  readonly message: string;
};

/** A rule looks at one node of the syntax tree and answers what is wrong with it, if anything. */
type Rule = {
  readonly name: string;
  readonly applies: (file: string) => boolean;
  readonly broken: (node: Node, file: SqlFile) => Broken | undefined;
};
type Broken = { readonly message: string; readonly location?: unknown };
type Node = Readonly<Record<string, unknown>>;
type SqlFile = { readonly path: string; readonly last: unknown };

const everywhere = () => true;
const isMart = (file: string) => /^packages\/[^/]+\/marts\/[^/]+\.sql$/.test(file);
const isSelectOnly = (file: string) => /^packages\/[^/]+\/(marts|checks)\/[^/]+\.sql$/.test(file);
const isMigration = (file: string) => file.startsWith("db/migrations/");

/**
 * Parses a file by Postgres 18's own parser and applies the house rules. `file` is relative to the root: what a file may do depends
 * on where it stands. A syntax error is the only issue of its file.
 */
export async function lintSql(file: string, text: string): Promise<SqlIssue[]> {
  const parsed = await parseOrIssue(file, text);
  if (parsed.issue) return [parsed.issue];
  const statements = parsed.statements;
  const sqlFile = { path: file, last: statements.at(-1)?.stmt };
  const rules = nodeRules.filter((rule) => rule.applies(file));
  const found = statements.flatMap((statement) => inspect(statement.stmt, byteOf(statement.stmt_location) ?? 0, rules, sqlFile));
  return [
    ...fileIssues(file, text, statements),
    ...found.map(({ byte, ...issue }) => ({ file, ...place(text, byte), ...issue })),
  ];
}

async function parseOrIssue(file: string, text: string): Promise<{ statements: readonly Node[]; issue?: SqlIssue }> {
  try {
    const tree: { stmts?: readonly object[] } = await parse(text);
    return { statements: (tree.stmts ?? []) as readonly Node[] };
  } catch (error) {
    if (!hasSqlDetails(error)) throw error;
    const before = text.slice(0, error.sqlDetails?.cursorPosition ?? 0);
    return { statements: [], issue: { file, ...lineAndColumn(before), rule: "syntax", message: error.message } };
  }
}

function fileIssues(file: string, text: string, statements: readonly Node[]): SqlIssue[] {
  const issues: SqlIssue[] = [];
  const header = text.replace(/^-- sql-format: off.*\n/, "").trimStart();
  if (isMart(file) && !/^(--|\/\*)/.test(header))
    issues.push({ file, line: 1, column: 1, rule: "mart-header", message: "a mart starts with a comment that says its rule" });
  const selects = statements.filter((statement) => "SelectStmt" in (statement.stmt as Node));
  if (isSelectOnly(file) && (statements.length !== 1 || selects.length !== 1))
    issues.push({ file, line: 1, column: 1, rule: "one-select", message: "a mart or check is one SELECT and nothing else" });
  return issues;
}

type Found = { readonly rule: string; readonly message: string; readonly byte: number };

function inspect(value: unknown, near: number, rules: readonly Rule[], file: SqlFile): Found[] {
  if (Array.isArray(value)) return value.flatMap((item) => inspect(item, near, rules, file));
  if (typeof value !== "object" || value === null) return [];
  const node = value as Node;
  const byte = byteOf(node.location) ?? near;
  const own = rules.flatMap((rule) => {
    const broken = rule.broken(node, file);
    return broken ? [{ rule: rule.name, message: broken.message, byte: byteOf(broken.location) ?? byte }] : [];
  });
  return [...own, ...Object.values(node).flatMap((child) => inspect(child, byte, rules, file))];
}

const nodeRules: readonly Rule[] = [
  { name: "types", applies: everywhere, broken: forbiddenType },
  { name: "select-star", applies: everywhere, broken: selectStar },
  { name: "constraint-name", applies: isMigration, broken: namelessConstraint },
];

const forbidden: Readonly<Record<string, string>> = {
  timestamp: "timestamp without time zone: use timestamptz",
  float4: "real is a float: use numeric",
  float8: "double precision is a float: use numeric",
  money: "the type money has no currency: use numeric and a currency column",
};

function forbiddenType(node: Node): Broken | undefined {
  if (!Array.isArray(node.names) || !("typemod" in node)) return undefined;
  const message = forbidden[textOf(node.names.at(-1)) ?? ""];
  return message ? { message } : undefined;
}

function selectStar(node: Node, file: SqlFile): Broken | undefined {
  if (!Array.isArray(node.targetList) || !("limitOption" in node)) return undefined;
  const star = node.targetList.map((target) => (target as { ResTarget?: Node }).ResTarget).find(isStar);
  if (!star || (isMart(file.path) && (file.last as Node).SelectStmt === node)) return undefined;
  const message = "select * : name the columns (only the outermost SELECT of a mart may take all of its last CTE)";
  return { message, location: star.location };
}

function isStar(target: Node | undefined): boolean {
  const value = target?.val as { ColumnRef?: { fields?: readonly Node[] } } | undefined;
  return "A_Star" in (value?.ColumnRef?.fields?.at(-1) ?? {});
}

const named: Readonly<Record<string, string>> = {
  CONSTR_PRIMARY: "primary key",
  CONSTR_UNIQUE: "unique",
  CONSTR_CHECK: "check",
  CONSTR_FOREIGN: "foreign key",
  CONSTR_EXCLUSION: "exclude",
};

function namelessConstraint(node: Node): Broken | undefined {
  const kind = named[String(node.contype)];
  if (!kind || node.conname) return undefined;
  return { message: `${kind} without a name: write \`constraint <name> ${kind} …\`` };
}

function textOf(node: unknown): string | undefined {
  return (node as { String?: { sval?: string } } | undefined)?.String?.sval;
}

function byteOf(location: unknown): number | undefined {
  return typeof location === "number" && location >= 0 ? location : undefined;
}

/** The parser counts UTF-8 bytes, people count characters. */
function place(text: string, byte: number): { line: number; column: number } {
  return lineAndColumn(Buffer.from(text).subarray(0, byte).toString());
}

function lineAndColumn(before: string): { line: number; column: number } {
  const lines = before.split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
