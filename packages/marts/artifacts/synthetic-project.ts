import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import type { MartTest } from "@jukebase/platform/mart-test.ts";
import { z } from "zod";
import { literal } from "../quote.ts";
import type { ProjectGiven } from "./project.ts";

const measures = ["orders", "items", "amount", "discount", "tax", "refunds"];
const sources = 40;

/**
 * A made-up project of any size, to try and to measure with: tables in schema `bench`, and marts that read one table and up to two marts
 * before them, each with nine columns. Every kind of mart and of test occurs; in the database each mart is a mere view, so that making them
 * takes little. Its files are written to `folder`.
 */
export async function syntheticProject(db: Executor, folder: string, marts: number): Promise<ProjectGiven> {
  await mkdir(join(folder, "packages/bench/marts"), { recursive: true });
  await db.query(`create schema bench;\n${Array.from({ length: sources }, (_, n) => tableSql(n)).join("\n")}`);
  const made: Mart[] = [];
  for (let n = 0; n < marts; n += 1) made.push(await writeMart(folder, n));
  for (const [n, mart] of made.entries()) await db.query(viewSql(mart, selectOf(n)));
  return {
    name: "bench",
    version: "0.0.0",
    root: pathToFileURL(`${folder}/`),
    marts: made,
    checks: [],
    seeds: [],
    exposures: [],
    schemas: { bench: "bench" },
    sourceFiles: {},
    overview: "# Bench",
  };
}

function tableSql(n: number): string {
  const columns = measures.map((name) => `${name} numeric`).join(", ");
  return `create table bench.${tableName(n)} (id integer primary key, day date not null, ${columns});`;
}

function viewSql({ name, row }: Mart, select: string): string {
  const view = `marts.${name}`;
  const columns = Object.keys(row.shape).map((column) => `comment on column ${view}.${column} is ${literal(meaning(column))};`);
  return `create view ${view} as\n${select};\ncomment on view ${view} is ${literal(meaning(name))};\n${columns.join("\n")}`;
}

const kinds = ["view", "rollup", "materialized", "snapshot"] as const;

async function writeMart(folder: string, n: number): Promise<Mart> {
  const name = martName(n);
  const file = join(folder, `packages/bench/marts/${name}.sql`);
  await writeFile(file, `-- A row of the table, with what the marts before it say.\n${selectOf(n)}\n`);
  const columns = ["id", "day", "beneath", ...measures];
  return {
    name,
    kind: kinds[n % kinds.length] ?? "view",
    file: pathToFileURL(file),
    description: meaning(name),
    grain: "One row per id.",
    owner: `Team ${n % 7}`,
    key: n % 5 === 0 ? ["id", "day"] : ["id"],
    row: z.object(Object.fromEntries(columns.map((column) => [column, z.string().describe(meaning(column))]))),
    reads: Object.fromEntries(readsOf(n).map((relation) => [relation, null])),
    bucket: ["day"],
    history: n % 8 === 3 ? { strategy: "check", columns: "all" } : { strategy: "timestamp", updated_at: "day" },
    freshness_s: 60 + n,
    tags: [`tag_${n % 5}`],
    tests: n === 0 ? everyTest : everyTest.filter((_, place) => place % 4 === n % 4),
    references: beneath(n).map((at) => ({ columns: ["id"], mart: martName(at), to: ["id"] })),
    sensitive: { refunds: { as: "text", text: "hidden" } },
  };
}

const everyTest: readonly MartTest[] = [
  { test: "expression", sql: "amount >= 0", severity: "warn", warnFrom: 3 },
  { test: "accepted_values", column: "orders", values: [0, 1], where: "day > '2026-01-01'" },
  { test: "row_count", min: 1, errorFrom: 2 },
  { test: "freshness", column: "day", within_s: 86_400 },
  { test: "volume_anomaly", at: "day", seasonality: "weekday" },
  { test: "column_anomaly", at: "day", column: "amount", measure: "mean", days: 28 },
  { test: "unique", columns: ["id", "day", "orders"] },
  { test: "not_null", column: "tax" },
];

function selectOf(n: number): string {
  const table = tableName(n % sources);
  const joined = beneath(n).map((at) => `join marts.${martName(at)} on ${martName(at)}.id = ${table}.id`);
  const sums = measures.map((name) => `  ${table}.${name} * ${n + 1} as ${name}`);
  const first = `select\n  ${table}.id,\n  ${table}.day,\n  ${joined.length} as beneath,`;
  return [first, sums.join(",\n"), `from bench.${table}`, ...joined].join("\n");
}

function readsOf(n: number): string[] {
  return [`bench.${tableName(n % sources)}`, ...beneath(n).map((at) => `marts.${martName(at)}`)];
}

// Layers of fifty: deep enough to be a graph, shallow enough that a view over views stays small.
function beneath(n: number): number[] {
  const layer = Math.floor(n / 50) % 4;
  if (layer === 0) return [];
  return [...new Set([n - 50, n - 50 - (n % 3)])].filter((at) => Math.floor(at / 50) === Math.floor(n / 50) - 1);
}

function martName(n: number): string {
  return `fct_made_${String(n).padStart(3, "0")}`;
}

function tableName(n: number): string {
  return `made_${String(n).padStart(2, "0")}`;
}

function meaning(name: string): string {
  return `Made up: ${name}.`;
}
