import { createHash } from "node:crypto";
import { CsvError, parse as parseCsv } from "csv-parse/sync";
import type { Seed } from "./domain.ts";
import { Invalid } from "./errors.ts";
import type { Executor } from "./executor.ts";

/** A CSV file of reference data: its name is its table's in schema `seeds`, its header names the columns. */
export type SeedFile = { readonly name: string; readonly text: string };

/**
 * Loads what has changed since the last time, each file whole, in the caller's transaction, and keeps the text in `seeds.version`. An empty
 * cell is no value. Throws `Invalid` with file and line when a row does not have the header's columns or the table does not take it, and when
 * the header is not what the file's `Seed` describes. Returns what was loaded.
 */
export async function loadSeeds(db: Executor, files: readonly SeedFile[], seeds: readonly Seed[] = []): Promise<string[]> {
  const loaded: string[] = [];
  for (const file of files) {
    const checksum = createHash("sha256").update(file.text).digest("hex");
    const [known] = await db.query<{ checksum: string }>("select checksum from seeds.file where name = $1", [file.name]);
    if (known?.checksum === checksum) continue;
    const { columns, rows } = parse(file);
    compareHeader(
      file,
      columns,
      seeds.find(({ name }) => name === file.name),
    );
    await replace(db, file, columns, rows);
    await db.query(
      "insert into seeds.file (name, checksum) values ($1, $2) on conflict (name) do update set checksum = excluded.checksum, loaded_at = now()",
      [file.name, checksum],
    );
    await db.query("insert into seeds.version (name, checksum, rows, text) values ($1, $2, $3, $4)", [
      file.name,
      checksum,
      rows.length,
      file.text,
    ]);
    loaded.push(file.name);
  }
  return loaded;
}

type Line = { readonly number: number; readonly cells: readonly string[] };

function parse(file: SeedFile): { columns: readonly string[]; rows: readonly Line[] } {
  const [header, ...rows] = linesOf(file);
  const columns = header?.cells ?? [];
  if (columns.length === 0 || !columns.every((column) => /^[a-z][a-z0-9_]*$/.test(column)))
    throw new Invalid(`${place(file, 1)}: the header names the columns, in lower case with underscores.`);
  const short = rows.find(({ cells }) => cells.length !== columns.length);
  if (short !== undefined)
    throw new Invalid(
      `${place(file, short.number)}: ${short.cells.length} cells where the header has ${columns.length} columns.`,
    );
  return { columns, rows };
}

function linesOf(file: SeedFile): Line[] {
  try {
    const records = parseCsv(file.text, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as {
      info: { lines: number };
      record: string[];
    }[];
    return records.map(({ info, record }) => ({ number: info.lines, cells: record }));
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new Invalid(`${place(file, Number(cause.lines ?? 1))}: ${cause.message}`, { cause });
  }
}

function compareHeader(file: SeedFile, columns: readonly string[], seed: Seed | undefined): void {
  if (seed === undefined) return;
  const described = Object.keys(seed.row.shape);
  const stray = columns.filter((column) => !described.includes(column));
  if (stray.length > 0)
    throw new Invalid(`${place(file, 1)}: ${stray.join(", ")} is not among the columns that its seed describes.`);
  const missing = described.filter((column) => !columns.includes(column));
  if (missing.length > 0) throw new Invalid(`${place(file, 1)}: ${missing.join(", ")} is missing.`);
}

async function replace(db: Executor, file: SeedFile, columns: readonly string[], rows: readonly Line[]): Promise<void> {
  await db.query(`delete from seeds.${file.name}`);
  await db.query("savepoint seed");
  try {
    await insert(db, file, columns, rows);
  } catch {
    await db.query("rollback to savepoint seed");
    await insertEach(db, file, columns, rows);
  }
  await db.query("release savepoint seed");
}

// One by one, only to find the line that the table does not take.
async function insertEach(db: Executor, file: SeedFile, columns: readonly string[], rows: readonly Line[]): Promise<void> {
  for (const row of rows) {
    try {
      await insert(db, file, columns, [row]);
    } catch (cause) {
      throw new Invalid(`${place(file, row.number)}: ${(cause as Error).message}`, { cause });
    }
  }
  if (rows.length === 0) await insert(db, file, columns, rows);
}

async function insert(db: Executor, { name }: SeedFile, columns: readonly string[], rows: readonly Line[]): Promise<void> {
  const objects = rows.map(({ cells }) =>
    Object.fromEntries(columns.map((column, n) => [column, cells[n] === "" ? null : cells[n]])),
  );
  await db.query(
    `insert into seeds.${name} (${columns.join(", ")}) select ${columns.join(", ")} from jsonb_populate_recordset(null::seeds.${name}, $1::jsonb)`,
    [JSON.stringify(objects)],
  );
}

function place({ name }: SeedFile, line: number): string {
  return `db/seeds/${name}.csv, line ${line}`;
}
