/** The line under a generated page's title. */
export const generated = "*Generated from the code by `jukebase docs`; do not edit.*";

/** A markdown table; what would break a cell is escaped. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

/** Text as code, or nothing. */
export function code(text: string | undefined): string {
  return text === undefined || text === "" ? "" : `\`${text}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
