import { parse } from "libpg-query";

/**
 * Which of the marts a statement reads, by name, as the server's statistics show it: constants are parameters there. Names may be
 * qualified or found through the search path; what is only named by a common table expression is not a mart. Empty for a statement that
 * reads none or cannot be parsed.
 */
export async function martsInStatement(text: string, marts: ReadonlySet<string>): Promise<string[]> {
  const tree = await parse(withoutParameters(text)).catch(() => undefined); // Cut off by the server, or not SQL that this parser knows.
  const found = new Set<string>();
  const named = new Set<string>();
  visit(tree, (kind, node) => {
    if (kind === "CommonTableExpr") named.add(String(node.ctename));
    if (kind === "RangeVar" && (node.schemaname ?? "marts") === "marts" && marts.has(String(node.relname)))
      found.add(`${node.schemaname ?? ""}.${node.relname}`);
  });
  const read = [...found].filter((name) => !name.startsWith(".") || !named.has(name.slice(1)));
  return [...new Set(read.map((name) => name.slice(name.indexOf(".") + 1)))].sort();
}

type Node = { readonly [key: string]: unknown };

// `date $1` and `interval $1` are what the server writes for a constant of a type, and what its own parser refuses.
function withoutParameters(text: string): string {
  return text.replace(/\$\d+/g, "''");
}

function visit(tree: unknown, each: (kind: string, node: Node) => void): void {
  if (tree === null || typeof tree !== "object") return;
  for (const [kind, value] of Object.entries(tree)) {
    if (/^[A-Z]/.test(kind) && value !== null && typeof value === "object") each(kind, value as Node);
    visit(value, each);
  }
}
