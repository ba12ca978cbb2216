import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readText, root, workspaceFiles } from "./files.ts";
import { formatSql } from "./sql-format.ts";
import { lintSql, type SqlIssue } from "./sql-lint.ts";

const help = `Format and lint the workspace's SQL files.

  node tools/sql.ts [--write] [--json] [file …]

  --write   write the formatted text; without it a file in another layout is an error
  --json    the issues as one JSON document
  --help    this text

Files are relative to the repository's root; without one, all .sql files but the generated packages/*/schema.sql.
A file keeps its own layout by a line \`-- sql-format: off <reason>\`. Exit code 1 when anything is wrong.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean" }, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
});

if (values.help) console.log(help);
else await run(positionals.length > 0 ? positionals : workspaceFiles().filter(isOurs));

function isOurs(file: string): boolean {
  return file.endsWith(".sql") && !/^packages\/[^/]+\/schema\.sql$/.test(file);
}

async function run(files: readonly string[]) {
  const issues: SqlIssue[] = [];
  for (const file of files) issues.push(...(await checkFile(file)));
  if (values.json) console.log(JSON.stringify({ files: files.length, issues }, null, 2));
  else {
    for (const { file, line, column, rule, message } of issues) console.log(`${file}:${line}:${column} ${rule}: ${message}`);
    console.log(`${files.length} SQL files, ${issues.length} issues`);
  }
  if (issues.length > 0) process.exitCode = 1;
}

async function checkFile(file: string): Promise<SqlIssue[]> {
  const text = readText(file);
  const issues = await lintSql(file, text);
  if (issues.some(({ rule }) => rule === "syntax")) return issues;
  const formatted = await formatSql(text);
  if (!formatted.ok) return [...issues, { file, line: 1, column: 1, rule: "format", message: formatted.reason }];
  if (formatted.text === text) return issues;
  if (!values.write)
    return [...issues, { file, line: 1, column: 1, rule: "format", message: "not formatted: node tools/sql.ts --write" }];
  writeFileSync(root + file, formatted.text);
  return issues;
}
