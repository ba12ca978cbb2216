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
