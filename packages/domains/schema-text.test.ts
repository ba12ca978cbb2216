import { readFile } from "node:fs/promises";
import { pgExecutor } from "@jukebase/platform";
import { afterAll, beforeAll, expect, it } from "vitest";
import { domains } from "./index.ts";
import type { Jukebase } from "./open.ts";
import { openedForTest } from "./opened.testing.ts";
import { schemaText } from "./schema-text.ts";

let jukebase: Jukebase;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ jukebase, close } = await openedForTest());
});

afterAll(() => close?.());

const schemas = domains.flatMap((domain) => domain.projections.map(({ schema }) => ({ domain: domain.name, schema })));

it.each(schemas)("$domain/schema.sql is what the migrations lead to; if not, run `jukebase docs`", async ({ domain, schema }) => {
  const written = await readFile(new URL(`../${domain}/schema.sql`, import.meta.url), "utf8");
  expect(written).toBe(await schemaText(pgExecutor(jukebase.database.pg), schema));
});

it("no table has a GiST index: Postgres loses living rows from one that joins look rows up in", async () => {
  const { rows } = await jukebase.database.pg.query<{ index: string }>(
    `select indexrelid::regclass::text as index
     from pg_index
     join pg_class on pg_class.oid = indexrelid
     join pg_am on pg_am.oid = relam
     where amname = 'gist'
       and relnamespace::regnamespace::text not like 'pg\\_%'`,
  );
  expect(rows).toEqual([]);
});
