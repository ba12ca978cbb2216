/** A name as SQL: `schema.relation` or a column, quoted part by part. */
export function quoted(name: string): string {
  return name
    .split(".")
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join(".");
}

/** Column names as a SQL list, each after `alias` when one is given. */
export function listed(names: readonly string[], alias?: string): string {
  return names.map((name) => (alias === undefined ? quoted(name) : `${alias}.${quoted(name)}`)).join(", ");
}

/** A text as a SQL literal, for places where no parameter can stand. */
export function literal(text: string): string {
  return text.includes("\\") ? `e'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'` : `'${text.replaceAll("'", "''")}'`;
}
