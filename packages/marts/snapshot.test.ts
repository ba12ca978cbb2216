import type { Mart, SnapshotHistory } from "@jukebase/platform/mart.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildMarts } from "./build.ts";
import { refreshMarts } from "./refresh.ts";
import { createShop, dropShop, sampleMart, schemas } from "./sample-marts.ts";
import { verifyMart } from "./verify.ts";

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4, options: "-c timezone=UTC" });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

beforeEach(async () => {
  await dropShop(pool);
  await createShop(pool);
  await pool.query(
    "create table shop.price (item integer primary key, price numeric, note text, changed_at timestamptz not null)",
  );
});

const prices = (history: SnapshotHistory, columns = ["item", "price", "note", "changed_at"]): Promise<Mart> =>
  sampleMart(`-- What an item costs.\nselect ${columns.map((column) => `price.${column}`).join(", ")} from shop.price`, {
    name: "dim_prices",
    kind: "snapshot",
    columns: [...columns, "valid_from", "valid_to"],
    key: ["item"],
    history,
    reads: { "shop.price": null },
  });
const build = async (mart: Promise<Mart>) => buildMarts(pool, [await mart], { schemas });
const put = (item: number, price: number | null, at: string, note = "") =>
  pool.query(
    "insert into shop.price values ($1, $2, $3, $4) on conflict (item) do update set price = excluded.price, note = excluded.note, changed_at = excluded.changed_at",
    [item, price, note, at],
  );
const refresh = async () => {
  expect((await refreshMarts(pool)).filter(({ error }) => error !== undefined)).toEqual([]);
};
const versions = async (columns: string) =>
  (await pool.query(`select ${columns} from marts.dim_prices order by item, valid_from`)).rows.map((row) => Object.values(row));

describe("a snapshot", () => {
  test("by timestamp keeps a version for each later instant, from that instant on", async () => {
    await put(1, 5, "2026-01-01Z");
    await build(prices({ strategy: "timestamp", updated_at: "changed_at" }));
    await put(1, 6, "2026-02-01Z");
    await refresh();
    await put(1, 7, "2026-01-15Z"); // Older than what is known: not a new version.
    await refresh();
    expect(await versions("price, valid_from::date::text, valid_to::date::text")).toEqual([
      ["5", "2026-01-01", "2026-02-01"],
      ["6", "2026-02-01", null],
    ]);
  });

  test("by check keeps a version for each difference in the columns watched, and no other", async () => {
    await put(1, 5, "2026-01-01Z", "a");
    await build(prices({ strategy: "check", columns: ["price"] }));
    await put(1, 5, "2026-01-02Z", "b");
    await refresh();
    expect(await versions("price, note, valid_to is null")).toEqual([["5", "a", true]]);
    await put(1, null, "2026-01-03Z", "c");
    await refresh();
    expect(await versions("price, note, valid_to is null")).toEqual([
      ["5", "a", false],
      [null, "c", true],
    ]);
  });

  test("closes what is gone, and opens it again when it comes back", async () => {
    await put(1, 5, "2026-01-01Z");
    await build(prices({ strategy: "timestamp", updated_at: "changed_at" }));
    await pool.query("delete from shop.price");
    await refresh();
    expect(await versions("price, valid_to is null")).toEqual([["5", false]]);
    await put(1, 5, "2026-01-01Z");
    await refresh();
    expect(await versions("price, valid_to is null")).toEqual([
      ["5", false],
      ["5", true],
    ]);
    expect(
      (await pool.query("select from marts.dim_prices as a join marts.dim_prices as b on a.valid_to = b.valid_from")).rowCount,
    ).toBe(1);
  });

  test("goes on with its history when its definition changes", async () => {
    await put(1, 5, "2026-01-01Z", "a");
    await build(prices({ strategy: "check", columns: "all" }, ["item", "price"]));
    await put(1, 6, "2026-01-02Z", "b");
    await refresh();
    await build(prices({ strategy: "check", columns: "all" }, ["item", "price", "note"]));
    expect(await versions("price, note, valid_to is null")).toEqual([
      ["5", null, false],
      ["6", null, false],
      ["6", "b", true],
    ]);
  });

  test("without anything written does nothing", async () => {
    await put(1, 5, "2026-01-01Z");
    await build(prices({ strategy: "check", columns: "all" }));
    expect((await refreshMarts(pool)).map(({ skipped }) => skipped)).toEqual([true]);
  });
});

type Write = { readonly item: number; readonly price: number | null; readonly gone: boolean };

test("the versions that hold are what the SELECT answers, and those of one key follow one another without overlap", async () => {
  await build(prices({ strategy: "check", columns: "all" }));
  const write = fc.record({
    item: fc.integer({ min: 1, max: 4 }),
    price: fc.option(fc.integer({ min: 1, max: 3 })),
    gone: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(write, { maxLength: 4 }), { minLength: 1, maxLength: 4 }), async (rounds) => {
      const seen = await changesSeen();
      let expected = seen;
      for (const round of rounds) {
        const before = await answers();
        for (const one of round) await apply(one);
        await refresh();
        const after = await answers();
        expected += [...after].filter(([item, price]) => before.get(item) !== price).length;
        expect(await verifyMart(pool, "dim_prices")).toMatchObject({ missing: 0, unexpected: 0 });
      }
      expect(await changesSeen()).toBe(expected);
      const { rowCount } = await pool.query(
        `select from marts.dim_prices as a join marts.dim_prices as b using (item)
         where a.valid_from < b.valid_from and coalesce(a.valid_to, 'infinity') > b.valid_from`,
      );
      expect(rowCount).toBe(0);
    }),
    { numRuns: 25 },
  );
});

async function apply({ item, price, gone }: Write): Promise<void> {
  if (gone) await pool.query("delete from shop.price where item = $1", [item]);
  else await put(item, price, "2026-01-01Z");
}

async function answers(): Promise<Map<number, string | null>> {
  const { rows } = await pool.query<{ item: number; price: string | null }>("select item, price from shop.price");
  return new Map(rows.map(({ item, price }) => [item, price]));
}

async function changesSeen(): Promise<number> {
  const { rows } = await pool.query<{ n: string }>("select count(*) as n from marts.dim_prices");
  return Number(rows[0]?.n);
}
