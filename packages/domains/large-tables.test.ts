import { largeTables } from "@jukebase/db/large-tables.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Jukebase } from "./open.ts";
import { openedForTest } from "./opened.testing.ts";

let jukebase: Jukebase;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ jukebase, close } = await openedForTest());
});

afterAll(() => close?.());

it.each(largeTables)("$table can be spread by $key: every unique index holds it", async ({ table, key }) => {
  const unique = await jukebase.database.pg.query<{ name: string; columns: string[] }>(
    `select relation.relname as name, array_agg(attribute.attname::text) as columns
     from pg_index as index
     join pg_class as relation on relation.oid = index.indexrelid
     join pg_attribute as attribute on attribute.attrelid = index.indrelid and attribute.attnum = any(index.indkey)
     where index.indrelid = $1::regclass and index.indisunique
     group by relation.relname`,
    [table],
  );
  expect(unique.rows.length).toBeGreaterThan(0);
  for (const { name, columns } of unique.rows) expect(columns, name).toContain(key);
});

it.each(largeTables)("nothing fires per row on $table", async ({ table }) => {
  const perRow = await jukebase.database.pg.query(
    "select tgname from pg_trigger where tgrelid = $1::regclass and not tgisinternal and tgtype & 1 = 1",
    [table],
  );
  expect(perRow.rows).toEqual([]);
});

it.each(largeTables)("no foreign key leads from or to $table", async ({ table }) => {
  const keys = await jukebase.database.pg.query(
    "select conname from pg_constraint where contype = 'f' and (conrelid = $1::regclass or confrelid = $1::regclass)",
    [table],
  );
  expect(keys.rows).toEqual([]);
});
