import { Invalid } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import type pg from "pg";
import { columnsOf, fileOf } from "./define-mart.ts";
import { type MartSelect, readMartSelect, renameReadings } from "./mart-select.ts";
import { listed, literal, quoted } from "./quote.ts";
import { session } from "./session.ts";
import { columnsIn } from "./store.ts";
import { selectedColumns } from "./validity.ts";

/** A row in a test: only the columns that matter, the others are null. */
export type TestRow = Readonly<Record<string, unknown>>;

/**
 * Given these rows in the relations a mart reads (the others are empty), expects exactly these rows, in any order, compared in the
 * columns that the first expected row names. Writes nothing: each relation is replaced, in the SELECT, by the given rows in its real
 * column types. Returns the mart's rows as text. Throws with the differing rows.
 */
export async function givenExpect(
  pool: pg.Pool,
  mart: Mart,
  given: Readonly<Record<string, readonly TestRow[]>>,
  expected: readonly TestRow[],
): Promise<Readonly<Record<string, string | null>>[]> {
  return session(pool, async (db) => {
    await db.query("begin");
    try {
      await db.query(`create temp view answer as ${await withGiven(db, mart, given)}`);
      await db.query(`create temp view expected as ${await recordset(db, "pg_temp.answer", expected, "answer")}`);
      await compare(db, mart, expected);
      return await asText(db, mart);
    } finally {
      await db.query("rollback");
    }
  });
}

async function withGiven(db: Executor, mart: Mart, given: Readonly<Record<string, readonly TestRow[]>>): Promise<string> {
  const unread = Object.keys(given).find((relation) => !(relation in mart.reads));
  if (unread !== undefined) throw new Invalid(`${fileOf(mart)}: marts.${mart.name} does not read ${unread}`);
  const select = await readMartSelect(mart);
  const relations: string[] = [];
  for (const relation of namesIn(select))
    relations.push(`"${relation}" as (${await recordset(db, relation, given[relation] ?? [], relation)})`);
  const replaced = renameReadings(select, (schema, relation) => `"${schema}.${relation}"`);
  return `with ${relations.join(",\n")}\nselect ${listed(answered(mart))} from (\n${replaced}\n) as answer`;
}

function answered(mart: Mart): string[] {
  return selectedColumns({ kind: mart.kind, columns: columnsOf(mart).map(({ name }) => name) });
}

function namesIn(select: MartSelect): string[] {
  return [...new Set(select.readings.map(({ schema, relation }) => `${schema}.${relation}`))];
}

// Rows as JSON, in the column types of a relation that exists.
async function recordset(db: Executor, relation: string, rows: readonly TestRow[], what: string): Promise<string> {
  const [schema = "", name = ""] = relation.split(".");
  const columns = await columnsIn(db, schema, name);
  if (columns.length === 0) throw new Invalid(`${relation} does not exist in this database; build the marts that are read first`);
  const known = new Set(columns.map((column) => column.name));
  const stray = rows.flatMap((row) => Object.keys(row)).find((column) => !known.has(column));
  if (stray !== undefined) throw new Invalid(`${what} has no column ${stray}`);
  const types = columns.map((column) => `${quoted(column.name)} ${column.type}`).join(", ");
  return `select ${listed([...known])} from jsonb_to_recordset(${literal(JSON.stringify(rows))}::jsonb) as given (${types})`;
}

async function compare(db: Executor, mart: Mart, expected: readonly TestRow[]): Promise<void> {
  const columns = Object.keys(expected[0] ?? {});
  const chosen = listed(columns.length === 0 ? answered(mart) : columns);
  const rows = await db.query<{ side: string; row: string }>(`
    select 'expected, not found: ' as side, to_jsonb(differing)::text as row
    from (select ${chosen} from pg_temp.expected except all select ${chosen} from pg_temp.answer) as differing
    union all
    select 'found, not expected: ', to_jsonb(differing)::text
    from (select ${chosen} from pg_temp.answer except all select ${chosen} from pg_temp.expected) as differing
    order by 1, 2`);
  if (rows.length === 0) return;
  throw new Error(`marts.${mart.name} (${fileOf(mart)}):\n${rows.map(({ side, row }) => `  ${side}${row}`).join("\n")}`);
}

async function asText(db: Executor, mart: Mart): Promise<Record<string, string | null>[]> {
  const texts = answered(mart).map((name) => `${quoted(name)}::text as ${quoted(name)}`);
  return db.query<Record<string, string | null>>(`select ${texts.join(", ")} from pg_temp.answer order by ${listed(mart.key)}`);
}
