import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Seed } from "./domain.ts";
import { ownDatabase } from "./own-database.testing.ts";
import { connect, type Database, transaction } from "./postgres.ts";
import { loadSeeds } from "./seeds.ts";

let cloned: Awaited<ReturnType<typeof ownDatabase>>;
let database: Database;

beforeAll(async () => {
  cloned = await ownDatabase();
  database = await connect(cloned.url);
  await database.pg.query(
    "create table seeds.test_prices (name text primary key, price numeric not null, valid_from date, currency text default 'USD')",
  );
});
beforeEach(() => database.pg.query("truncate seeds.file, seeds.version, seeds.test_prices"));
afterAll(async () => {
  await database?.end();
  await cloned?.drop();
});

const first = "name,price,valid_from\ndesk,250.00,2026-01-01\nlamp,12.50,2026-02-01\n";

describe("a seed file", () => {
  test("is loaded whole, its numbers exactly", async () => {
    expect(await load(first)).toEqual(["test_prices"]);
    expect(await rows()).toEqual([
      { name: "desk", price: "250.00", valid_from: "2026-01-01" },
      { name: "lamp", price: "12.50", valid_from: "2026-02-01" },
    ]);
  });

  test("is loaded again only when it has changed, and then replaces what was there", async () => {
    await load(first);
    await database.pg.query("update seeds.test_prices set price = 1 where name = 'desk'");
    expect(await load(first)).toEqual([]);
    expect(await load("name,price,valid_from\nchair,80,2026-03-01\n")).toEqual(["test_prices"]);
    expect(await rows()).toEqual([{ name: "chair", price: "80", valid_from: "2026-03-01" }]);
  });

  test("may end its lines as Windows does, and hold blank lines", async () => {
    await load("name,price,valid_from\r\n\r\ndesk,250.00,2026-01-01\r\n\r\n");
    expect(await rows()).toEqual([{ name: "desk", price: "250.00", valid_from: "2026-01-01" }]);
  });

  test("may hold quotes, commas and line ends inside of a cell, and empty cells", async () => {
    await load('name,price,valid_from\n"desk, ""large""\nin two parts",250.00,\n');
    expect(await rows()).toEqual([{ name: 'desk, "large"\nin two parts', price: "250.00", valid_from: null }]);
  });

  test("leaves every text that it ever had", async () => {
    await load(first);
    await load("name,price,valid_from\n");
    const { rows: versions } = await database.pg.query("select rows, text from seeds.version order by loaded_at");
    expect(versions).toEqual([
      { rows: 2, text: first },
      { rows: 0, text: "name,price,valid_from\n" },
    ]);
  });

  test("of a heading alone empties the table", async () => {
    await load(first);
    await load("name,price,valid_from\n");
    expect(await rows()).toEqual([]);
  });
});

describe("a seed file that is wrong is refused, and the table stays as it was", () => {
  test.each([
    [
      "a row too short, in its line",
      "name,price,valid_from\ndesk,1,2026-01-01\nlamp,12.50\n",
      "db/seeds/test_prices.csv, line 3: 2 cells where the header has 3 columns.",
    ],
    [
      "a row too short behind blank lines, in its line",
      "name,price,valid_from\n\n\nlamp,12.50\n",
      "db/seeds/test_prices.csv, line 4: 2 cells where the header has 3 columns.",
    ],
    [
      "a heading that names no columns",
      "Name of thing,price\ndesk,1\n",
      "db/seeds/test_prices.csv, line 1: the header names the columns, in lower case with underscores.",
    ],
    ["nothing at all", "", "db/seeds/test_prices.csv, line 1: the header names the columns, in lower case with underscores."],
    [
      "a value of another type",
      "name,price,valid_from\ndesk,cheap,2026-01-01\n",
      'db/seeds/test_prices.csv, line 2: invalid input syntax for type numeric: "cheap"',
    ],
    [
      "a second row of one key, in its line",
      "name,price,valid_from\ndesk,1,2026-01-01\nlamp,2,2026-01-01\ndesk,3,2026-01-01\n",
      "db/seeds/test_prices.csv, line 4: duplicate key value",
    ],
    ["a quote that does not end", 'name,price,valid_from\n"desk,1,2026-01-01\n', "db/seeds/test_prices.csv, line "],
    [
      "a column that is not there",
      "name,price,colour\ndesk,1,red\n",
      "line 1: colour is not among the columns that its seed describes.",
    ],
    ["a column that is missing", "name,price\ndesk,1\n", "line 1: valid_from is missing."],
  ])("%s", async (_, text, message) => {
    await load(first);
    await expect(load(text)).rejects.toThrow(message);
    expect(await rows()).toHaveLength(2);
    expect(await load(first)).toEqual([]);
  });
});

const described: Seed = {
  name: "test_prices",
  description: "What things cost.",
  owner: "tests",
  key: ["name"],
  row: z.object({ name: z.string(), price: z.string(), valid_from: z.string() }),
};

function load(text: string): Promise<string[]> {
  return transaction(database.pg, (db) => loadSeeds(db, [{ name: "test_prices", text }], [described]));
}

async function rows(): Promise<unknown[]> {
  return (await database.pg.query("select name, price, valid_from from seeds.test_prices order by name")).rows;
}
