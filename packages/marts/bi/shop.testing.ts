import { randomBytes } from "node:crypto";
import type { Mart } from "@jukebase/platform/mart.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { buildMarts } from "../build.ts";
import { sampleMart } from "../sample-marts.ts";
import { type Eavesdropper, eavesdrop, plantTelltale } from "./leaks.testing.ts";
import { makePassword } from "./password.ts";
import { createReader, dropReader, type Reader } from "./readers.ts";

/** A shop with buyers whose names and mail domains are masked, and purchases of which some readers see those of the north alone. */
export type Shop = {
  readonly database: () => TestDatabase;
  readonly pool: () => pg.Pool;
  readonly marts: () => readonly [buyers: Mart, purchases: Mart];
  /** The group whose readers see the north alone. */
  readonly north: string;
  readonly mark: string;
  readonly build: (marts: readonly Mart[]) => Promise<{ readonly built: readonly string[] }>;
  /** Makes a reader that is dropped after the tests. */
  readonly reader: (more?: Partial<Reader>) => Promise<Reader>;
  readonly as: <T>(one: Pick<Reader, "name">, work: (one: Eavesdropper) => Promise<T>, secret?: string) => Promise<T>;
  /** A mart of these columns over shop.buyer, for `sampleMart`. */
  readonly over: (name: string, columns: readonly string[]) => Parameters<typeof sampleMart>[1];
};

/** Who does it all. */
export const by = { actor: "test", at: new Date("2026-01-01T00:00:00Z") };

/** The password of every reader of the tests. */
export const password = makePassword();

/** Registers the shop for a test file. Roles are the server's, so its names are marked. */
export function shop(): Shop {
  const mark = randomBytes(4).toString("hex");
  const north = `north_${mark}`;
  const made: string[] = [];
  let database: TestDatabase;
  let pool: pg.Pool;
  let marts: readonly [Mart, Mart];
  const build: Shop["build"] = (some) => buildMarts(pool, some, { schemas: { shop: "shop" } });

  beforeAll(async () => {
    database = await testDatabase();
    pool = new pg.Pool({ connectionString: database.url, max: 3, options: "-c timezone=UTC" });
    await pool.query(`
      create schema shop;
      create table shop.buyer (buyer_id text, email_domain text, called text, region text, spent numeric);
      insert into shop.buyer values
        ('1', 'secret-one.example', 'Secret Ann', 'north', 10), ('2', 'secret-two.example', 'Secret Bob', 'south', 20),
        ('3', null, null, 'south', 30)`);
    marts = [await buyers(), await purchases(north)];
    await build(marts);
    await plantTelltale(pool);
  });

  afterAll(async () => {
    for (const name of made) await dropReader(pool, name, by).catch(() => {}); // Some are dropped by their own tests.
    await pool.end();
    await database.drop();
    const server = new pg.Client({ connectionString: database.url.replace(/\/[^/]*$/, "/postgres") });
    await server.connect();
    await server.query(`drop role if exists ${north}`);
    await server.end();
  });

  return {
    database: () => database,
    pool: () => pool,
    marts: () => marts,
    north,
    mark,
    build,
    reader: async (more = {}) => {
      const one = { ...plainReader, name: `reader${made.length}_${mark}`, ...more };
      await createReader(pool, one, password, by);
      made.push(one.name);
      return one;
    },
    as: async ({ name }, work, secret = password) => {
      const one = await eavesdrop(database.url, name, secret);
      try {
        return await work(one);
      } finally {
        await one.end();
      }
    },
    over,
  };
}

/** A reader without a name of its own. */
export const plainReader: Reader = { name: "x", tool: "psql", sensitive: false, groups: [], connections: 3, timeout_ms: 30_000 };

function over(name: string, columns: readonly string[]): Parameters<typeof sampleMart>[1] {
  return { name, kind: "view", columns, key: ["buyer_id"], reads: { "shop.buyer": null } };
}

function buyers(): Promise<Mart> {
  return sampleMart("-- r\nselect buyer.buyer_id, buyer.email_domain, buyer.called, buyer.spent from shop.buyer", {
    ...over("dim_buyers", ["buyer_id", "email_domain", "called", "spent"]),
    sensitive: { email_domain: { as: "null" }, called: { as: "sql", sql: "'buyer ' || buyer_id" } },
  });
}

function purchases(north: string): Promise<Mart> {
  return sampleMart("-- r\nselect buyer.buyer_id, buyer.region, buyer.spent from shop.buyer", {
    ...over("fct_purchases", ["buyer_id", "region", "spent"]),
    kind: "rollup",
    bucket: ["buyer_id"],
    reads: { "shop.buyer": "select buyer_id from changed" },
    visibleTo: { [north]: "region = 'north'" },
  });
}
