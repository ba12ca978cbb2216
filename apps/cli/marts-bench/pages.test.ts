import { readConfig } from "@jukebase/platform";
import { testDatabase } from "@jukebase/testing";
import { expect, test } from "vitest";
import { measurePages } from "./pages.ts";

test("the pages on made-up marts are asked for and timed", async () => {
  const database = await testDatabase();
  try {
    const config = readConfig({ DATABASE_URL: database.url, JUKEBASE_KEY: Buffer.alloc(32, 7).toString("base64") }, "/nowhere");
    const found = await measurePages(config, { marts: 3, requests: 1 }, () => {});
    expect(found.pages.map(({ page, requests }) => [page, requests])).toContainEqual(["lineage of a column", 1]);
    expect(found.pages.every(({ first_ms, median_ms, p95_ms }) => first_ms > 0 && median_ms > 0 && p95_ms >= median_ms)).toBe(
      true,
    );
  } finally {
    await database.drop();
  }
});
