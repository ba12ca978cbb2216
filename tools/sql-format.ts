import { parse, scan } from "libpg-query";
import { format } from "sql-formatter";

/** The formatted text, or why there is none: the text stays as it is and the reason is an error of the check. */
export type Formatted = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string };

const off = /^-- sql-format: off\b[ :—-]*(.*)$/m;

/**
 * The one layout of a SQL file. Postgres' own parser guards it: the result must have the same syntax tree and the same comments.
 * A file with a line `-- sql-format: off <reason>` keeps its layout. The text must be valid SQL; a syntax error is thrown.
 */
export async function formatSql(text: string): Promise<Formatted> {
  const marker = off.exec(text);
  if (marker) return marker[1] ? { ok: true, text } : { ok: false, reason: "`-- sql-format: off` needs a reason on its line" };
  let formatted = layout(text);
  for (let round = 0; round < 3 && layout(formatted) !== formatted; round += 1) formatted = layout(formatted);
  if (layout(formatted) !== formatted)
    return { ok: false, reason: "sql-formatter finds no stable layout; mark the file `-- sql-format: off <reason>`" };
  if ((await meaning(formatted)) !== (await meaning(text)))
    return { ok: false, reason: "sql-formatter would change the meaning; mark the file `-- sql-format: off <reason>`" };
  return { ok: true, text: formatted };
}

function layout(text: string): string {
  const formatted = format(text, {
    language: "postgresql",
    keywordCase: "lower",
    dataTypeCase: "lower",
    functionCase: "lower",
    tabWidth: 2,
    expressionWidth: 100,
    linesBetweenQueries: 1,
  });
  return `${joins.reduce((sql, [pattern, replacement]) => sql.replace(pattern, replacement), mergeClauses(joinGrants(formatted))).trim()}\n`;
}

/** What sql-formatter tears apart, put on one line again. */
const joins: readonly (readonly [RegExp, string])[] = [
  [/\bfor\s+values\s+(from|in|with)\s+\(/g, "for values $1 ("],
  [/\)\s+partition by\s+(list|range|hash)\s+\(/g, ") partition by $1 ("],
  [/^(create (?:or replace )?view \S+)\nwith\n\s+(\([^)]*\)) as$/gm, "$1 with $2 as"],
  [/(alter column \S+)\n\s*(set|drop)\b/g, "$1 $2"],
  [/\n\s+with\n\s+(=|&&|<>|@>)(?=[,\n])/g, " with $1"],
];

/** A grant is one sentence: sql-formatter takes its `select` and `insert` for statements. */
function joinGrants(sql: string): string {
  return sql.replace(/^(?:grant|revoke|alter default privileges)\b[^;']*;$/gm, (statement) => statement.replaceAll(/\s+/g, " "));
}

/** Each `when` of a merge starts its line, as deep as the merge stands. */
function mergeClauses(sql: string): string {
  return sql.replaceAll(/[ \t]+(when (?:not )?matched\b)/g, (_, clause: string, at: number) => {
    const merge = [...sql.slice(0, at).matchAll(/^( *)merge into\b/gm)].at(-1);
    return merge ? `\n${merge[1]}${clause}` : ` ${clause}`;
  });
}

/** The syntax tree without positions, and the comments: what a layout must not change. */
async function meaning(text: string): Promise<string> {
  const tree = JSON.stringify(await parse(text), (key, value) =>
    /location$|^stmt_len$|_start$|_end$/.test(key) ? undefined : value,
  );
  const { tokens } = await scan(text);
  const comments = tokens.filter(({ tokenName }) => tokenName === "SQL_COMMENT" || tokenName === "C_COMMENT");
  return `${tree}\n${comments.map((comment) => comment.text.replaceAll(/\s+/g, " ").trim()).join("\n")}`;
}
