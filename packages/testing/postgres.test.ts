import pg from "pg";
import { expect, test } from "vitest";
import { fixedClock, testDatabase } from "./index.ts";

async function read(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

test("each test database is a migrated one of its own", async () => {
  const [one, other] = await Promise.all([testDatabase(), testDatabase()]);
  await read(one.url, "create table only_here (n int)");
  const tables = "select count(*)::int as found from pg_class where relname = 'only_here'";
  expect(await read(one.url, tables)).toEqual([{ found: 1 }]);
  expect(await read(other.url, tables)).toEqual([{ found: 0 }]);
  expect(await read(other.url, "select count(*) > 0 as migrated from platform_history.migration")).toEqual([{ migrated: true }]);
  await Promise.all([one.drop(), other.drop()]);
  await expect(read(one.url, "select 1")).rejects.toThrow(/does not exist/);
});

test("a fixed clock stands still, and refuses what is no instant", () => {
  const clock = fixedClock("2024-03-10T00:00:00Z");
  expect(clock.now().toISOString()).toBe("2024-03-10T00:00:00.000Z");
  expect(() => fixedClock("tomorrow")).toThrow(/is no ISO 8601 instant/);
});
