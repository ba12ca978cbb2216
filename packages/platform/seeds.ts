import { createHash } from "node:crypto";
import { Invalid } from "./errors.ts";
import type { Executor } from "./executor.ts";

/** A CSV file of reference data: its name is its table's in schema `seeds`, its header names the columns. */
export type SeedFile = { readonly name: string; readonly text: string };

/**
 * Loads what has changed since the last time, each file whole, in the caller's transaction. Cells are plain (no quotes, no commas inside).
 * Throws `Invalid` with file and line when a row does not have the header's columns; Postgres checks the types. Returns what was loaded.
 */
export async function loadSeeds(db: Executor, files: readonly SeedFile[]): Promise<string[]> {
  const loaded: string[] = [];
  for (const file of files) {
    const checksum = createHash("sha256").update(file.text).digest("hex");
    const [known] = await db.query<{ checksum: string }>("select checksum from seeds.file where name = $1", [file.name]);
    if (known?.checksum === checksum) continue;
    const { columns, rows } = parse(file);
    await db.query(`delete from seeds.${file.name}`);
    await db.query(
      `insert into seeds.${file.name} (${columns.join(", ")}) select ${columns.join(", ")} from jsonb_populate_recordset(null::seeds.${file.name}, $1::jsonb)`,
      [JSON.stringify(rows)],
    );
    await db.query(
      "insert into seeds.file (name, checksum) values ($1, $2) on conflict (name) do update set checksum = excluded.checksum, loaded_at = now()",
      [file.name, checksum],
    );
    loaded.push(file.name);
  }
  return loaded;
}

function parse(file: SeedFile): { columns: string[]; rows: Record<string, string>[] } {
  const lines = file.text
    .split(/\r?\n/)
    .map((text, n) => ({ text, number: n + 1 }))
    .filter(({ text }) => text.trim() !== "");
  const columns = (lines[0]?.text ?? "").split(",");
  if (!columns.every((column) => /^[a-z][a-z0-9_]*$/.test(column))) {
    throw new Invalid(`db/seeds/${file.name}.csv, line 1: the header names the columns, in lower case with underscores.`);
  }
  const rows = lines.slice(1).map(({ text, number }) => {
    const cells = text.split(",");
    if (cells.length !== columns.length) {
      throw new Invalid(
        `db/seeds/${file.name}.csv, line ${number}: ${cells.length} cells where the header has ${columns.length} columns.`,
      );
    }
    return Object.fromEntries(columns.map((column, i) => [column, cells[i] as string]));
  });
  return { columns, rows };
}
