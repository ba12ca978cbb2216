import { createDecipheriv } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { Database } from "../packages/platform/index.ts";

/** Where something was found: `schema.table.column`, or a file. */
export type Place = string;

type Cell = { readonly place: Place; readonly bytes: Buffer };

/** Every cell of every table and materialized view of every schema, as bytes: text as it is and, where it may be that, out of base64. */
async function* cellsOf(pool: Database["pg"]): AsyncGenerator<Cell> {
  const relations = await pool.query<{ schema: string; name: string }>(
    `select nspname as schema, relname as name
     from pg_class
     join pg_namespace on pg_namespace.oid = relnamespace
     where relkind in ('r', 'm') and nspname <> 'information_schema' and nspname !~ '^pg_(?!temp)' and relpersistence <> 't'
     order by 1, 2`,
  );
  for (const { schema, name } of relations.rows) {
    const { rows } = await pool.query<{ cells: Record<string, unknown> }>(
      `select to_jsonb(row) as cells from "${schema}"."${name}" as row`,
    );
    for (const { cells } of rows) {
      for (const [column, value] of Object.entries(cells)) {
        if (value === null) continue;
        const place = `${schema}.${name}.${column}`.replace(/^events\.log_\w+\./, "events.log.");
        for (const bytes of readings(value)) yield { place, bytes };
      }
    }
  }
}

/** The places whose cells hold one of the secrets in clear. */
export async function placesThatTell(pool: Database["pg"], secrets: readonly string[]): Promise<Place[]> {
  const found = new Set<Place>();
  for await (const { place, bytes } of cellsOf(pool)) if (tells(bytes, secrets)) found.add(place);
  return [...found].sort();
}

/** The places whose cells hold one of the secrets when they are opened with one of the keys; `about` are all that may be authenticated. */
export async function placesThatTellOpened(
  pool: Database["pg"],
  secrets: readonly string[],
  keys: readonly Buffer[],
  about: readonly string[],
): Promise<Place[]> {
  const found = new Set<Place>();
  for await (const { place, bytes } of cellsOf(pool)) {
    if (bytes.length < 28) continue;
    for (const key of keys) {
      for (const said of about) {
        const plain = opened(key, bytes, said);
        if (plain !== undefined && tells(plain, secrets)) found.add(place);
      }
    }
  }
  return [...found].sort();
}

/** The files under a folder that hold one of the secrets in clear. */
export async function filesThatTell(folder: string, secrets: readonly string[]): Promise<Place[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: Place[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = `${entry.parentPath}/${entry.name}`;
    if (tells(await readFile(path), secrets)) found.push(path.slice(folder.length + 1));
  }
  return found.sort();
}

/** Whether bytes hold one of the secrets, however it is cased, as UTF-8 or as UTF-16. */
export function tells(bytes: Uint8Array, secrets: readonly string[]): boolean {
  const buffer = Buffer.from(bytes);
  const [narrow, wide] = [buffer.toString("latin1").toLowerCase(), buffer.toString("utf16le").toLowerCase()];
  return secrets.some((secret) => narrow.includes(secret.toLowerCase()) || wide.includes(secret.toLowerCase()));
}

function readings(value: unknown): Buffer[] {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (/^\\x([0-9a-f]{2})*$/.test(text)) return [Buffer.from(text.slice(2), "hex")];
  const plain = Buffer.from(text);
  return /^[\w+/-]{12,}=*$/.test(text) ? [plain, Buffer.from(text, "base64")] : [plain];
}

function opened(key: Buffer, bytes: Buffer, about: string): Buffer | undefined {
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12)).setAAD(Buffer.from(about));
  decipher.setAuthTag(bytes.subarray(12, 28));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
  } catch {
    return undefined; // Another key sealed it, or none.
  }
}
