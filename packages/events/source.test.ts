import { Conflict, connect, type Database, Invalid, pgExecutor } from "@jukebase/platform";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { declareSource } from "./source.ts";

let given: TestDatabase;
let database: Database;

beforeAll(async () => {
  given = await testDatabase();
  database = await connect(given.url, { max: 2 });
});

afterAll(async () => {
  await database?.end();
  await given?.drop();
});

it("a source keeps what was declared of it until something else is", async () => {
  const db = pgExecutor(database.pg);
  await declareSource(db, "till", { dateOrder: "dmy", timeZone: "Europe/Rome", currency: "EUR", namespace: "shop" });
  const again = await declareSource(db, "till", { kind: "observations" });
  expect(again).toEqual({
    source: "till",
    kind: "observations",
    namespace: "shop",
    dialect: { dateOrder: "dmy", timeZone: "Europe/Rome", currency: "EUR" },
  });
  expect(await declareSource(db, "till")).toEqual(again);
});

it("a source is its own namespace unless it says otherwise", async () => {
  expect(await declareSource(pgExecutor(database.pg), "bank")).toMatchObject({
    namespace: "bank",
    kind: "facts",
    dialect: { timeZone: "UTC", currency: "USD" },
  });
});

it("once events came, another namespace is refused: a rebuild would make other keys", async () => {
  const db = pgExecutor(database.pg);
  await declareSource(db, "old", { namespace: "a" });
  await declareSource(db, "old", { namespace: "b" });
  await database.pg.query(
    "insert into events.batch (seq, batch_id, source, received, logged, duplicates, quarantined, received_at) values (1, 1, 'old', 0, 0, 0, 0, now())",
  );
  await expect(declareSource(db, "old", { namespace: "c" })).rejects.toThrow(Conflict);
  expect(await declareSource(db, "old", { namespace: "b", currency: "EUR" })).toMatchObject({ namespace: "b" });
});

it.each([
  ["a name with a space", "My Shop", {}],
  ["a zone that is none", "shop", { timeZone: "Mars/Olympus" }],
  ["a currency that is none", "shop", { currency: "dollars" }],
] as const)("%s is refused in a sentence", async (_what, name, declared) => {
  await expect(declareSource(pgExecutor(database.pg), name, declared)).rejects.toThrow(Invalid);
});
