import { verifyAudit } from "@jukebase/platform/audit.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { pgExecutor } from "@jukebase/platform/postgres.ts";
import pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { maskedColumns } from "../masks.ts";
import { sampleMart } from "../sample-marts.ts";
import { columnsIn } from "../store.ts";
import { chosenPassword } from "./password.ts";
import { createReader, dropReader, findReader, listReaders, type Reader, rotateReader, rowGroups } from "./readers.ts";
import { by, password, plainReader, shop } from "./shop.testing.ts";
import { addressFor, connectionUrl } from "./tools.ts";

const { database, pool, marts, north, mark, build, reader, as, over } = shop();

const rows = (one: Reader, sql: string) => as(one, async ({ client }) => (await client.query(sql)).rows);
const refusal = (one: Reader, sql: string) =>
  as(one, ({ client }) =>
    client.query(sql).then(
      () => "done",
      (error: Error) => error.message,
    ),
  );

let first: Reader;

beforeAll(async () => {
  first = await reader();
});

describe("a reader", () => {
  test("reads the marts, begins read-only in UTC, and stands in the audit log without its password", async () => {
    const one = first;
    expect(await rows(one, "select buyer_id, spent::text from fct_purchases order by 1")).toHaveLength(3);
    expect(
      await rows(one, "select current_setting('transaction_read_only') as read_only, current_setting('timezone') as zone"),
    ).toEqual([{ read_only: "on", zone: "UTC" }]);
    const { rows: audited } = await pool().query("select action, object, after::text from platform.audit");
    expect(audited).toMatchObject([{ action: "bi.create", object: one.name }]);
    expect(JSON.stringify(audited)).not.toContain(password);
    expect(await verifyAudit(pgExecutor(pool()))).toMatchObject({ broken: [] });
  });

  test("reads a mart that is built later, and one whose columns change", async () => {
    const one = await reader();
    const later = await sampleMart("-- r\nselect buyer.buyer_id from shop.buyer", {
      ...over("dim_later_buyers", ["buyer_id"]),
    });
    await pool().query("create view marts.notes as select called from shop.buyer");
    await build([...marts(), later]);
    expect(await refusal(one, "select from notes")).toMatch(/permission denied/);
    await pool().query("drop view marts.notes");
    expect(await rows(one, "select from dim_later_buyers")).toHaveLength(3);
    const changed = await sampleMart("-- r\nselect buyer.spent, buyer.buyer_id from shop.buyer", {
      ...over("dim_later_buyers", ["spent", "buyer_id"]),
    });
    await build([...marts(), changed]);
    expect(await rows(one, "select spent from dim_later_buyers")).toHaveLength(3);
    await build(marts());
  });

  test.each([
    ["the store beneath", "select from marts_store.mart"],
    ["the domain's table", "select from shop.buyer"],
    ["a temporary table", "begin read write; create temp table t (n int)"],
    ["a function", "begin read write; create function marts.f () returns int language sql return 1"],
    ["a write", "begin read write; delete from marts.dim_buyers"],
    ["an advisory lock", "select pg_advisory_lock(1)"],
  ])("is refused %s", async (_, sql) => {
    expect(await refusal(first, sql)).toMatch(/permission denied/);
  });

  test("is not let in without a word of this database, though it is of the group", async () => {
    const name = `stranger_${mark}`;
    await pool().query(`create role ${name} login password '${password}' in role jukebase_reader`);
    await expect(as({ name }, async () => {})).rejects.toThrow(/permission denied for database/);
    await pool().query(`drop role ${name}`);
  });

  test("gets another password, and with the old one is refused", async () => {
    const one = await reader();
    const other = chosenPassword("a-long-enough-password");
    await rotateReader(pool(), one.name, other, by);
    await expect(as(one, async () => {})).rejects.toThrow(/password authentication failed/);
    expect(await as(one, async () => "in", other)).toBe("in");
    expect(await findReader(pgExecutor(pool()), one.name)).toMatchObject({ rotated_at: expect.anything(), sessions: 0 });
  });

  test("is dropped with its sessions, and its name is free again", async () => {
    const one = await reader();
    const open = new pg.Client({ connectionString: connectionUrl(addressFor(database().url, one.name), password) });
    open.on("error", () => {});
    await open.connect();
    await dropReader(pool(), one.name, by);
    await expect(open.query("select 1")).rejects.toThrow();
    await open.end();
    expect((await listReaders(pgExecutor(pool()))).map(({ name }) => name)).not.toContain(one.name);
    await createReader(pool(), one, password, by);
  });

  test.each(["Robert", "pg_reader", "jukebase_x", "a b", 'x"y', "a".repeat(64)])("is not called %s", async (name) => {
    await expect(createReader(pool(), { ...plainReader, name }, password, by)).rejects.toThrow(/cannot name a role/);
  });

  test("is made once", async () => {
    await expect(createReader(pool(), { ...plainReader, name: first.name }, password, by)).rejects.toThrow(
      /has a role .* already, perhaps another database's/,
    );
  });
});

describe("what tells of persons", () => {
  test("is masked for a reader, in clear for one that may see it and for the installation itself", async () => {
    const masked = [
      { buyer_id: "1", email_domain: null, called: "buyer 1" },
      { buyer_id: "2", email_domain: null, called: "buyer 2" },
      { buyer_id: "3", email_domain: null, called: "buyer 3" },
    ];
    const sql = "select buyer_id, email_domain, called from marts.dim_buyers order by 1";
    expect(await rows(await reader(), sql)).toEqual(masked);
    const clear = (await rows(await reader({ sensitive: true }), sql)) as object[];
    expect(clear[0]).toEqual({ buyer_id: "1", email_domain: "secret-one.example", called: "Secret Ann" });
    expect((await pool().query(sql)).rows).toEqual(clear);
    const columns = await columnsIn(pgExecutor(pool()), "marts", "dim_buyers");
    const sample = await pool().query(`select ${maskedColumns(marts()[0], columns)} from marts.dim_buyers order by buyer_id`);
    expect(sample.rows).toMatchObject(masked);
  });

  test("is not told to a reader's own function, by an error, or by what the planner expects", async () => {
    const one = await reader();
    await as(one, async ({ client, toldOf }) => {
      for (const column of ["buyer_id", "email_domain", "called"])
        expect([...(await toldOf("marts.dim_buyers", column))].join()).not.toMatch(/secret/i);
      await expect(client.query("select from dim_buyers where called::integer = 1")).rejects.toThrow(/"buyer 1"/);
      const rowsExpected = async (value: string) =>
        (await client.query(`explain select from dim_buyers where email_domain = '${value}'`)).rows.map(
          (line) => /rows=(\d+)/.exec(line["QUERY PLAN"])?.[1],
        );
      expect(await rowsExpected("secret-one.example")).toEqual(await rowsExpected("nobody.example"));
    });
  });

  test("would be told by a view that is no barrier", async () => {
    const one = await reader();
    await pool().query(`
      create view marts.plain as select buyer_id, called from shop.buyer where region = 'north';
      grant select on marts.plain to jukebase_reader`);
    expect([...(await as(one, ({ toldOf }) => toldOf("marts.plain", "called")))]).toContain("Secret Bob");
    await pool().query("drop view marts.plain");
  });

  test("follows a change of masks without building the store anew", async () => {
    const one = await reader();
    const store = await pool().query("select store from marts_store.mart where name = 'dim_buyers'");
    const open = { ...marts()[0], sensitive: { called: { as: "text", text: "hidden" } } } as const;
    expect(await build([open, marts()[1]])).toMatchObject({ built: [] });
    expect(await rows(one, "select distinct called, email_domain from dim_buyers order by 2 limit 1")).toEqual([
      { called: "hidden", email_domain: "secret-one.example" },
    ]);
    await build(marts());
    expect((await pool().query("select store from marts_store.mart where name = 'dim_buyers'")).rows).toEqual(store.rows);
    expect(await rows(one, "select distinct email_domain from dim_buyers")).toEqual([{ email_domain: null }]);
  });

  test.each<[string, Partial<Mart>, RegExp]>([
    ["a column that is not there", { sensitive: { nope: { as: "null" } } }, /sensitive names nope, which is not a column/],
    ["the key", { sensitive: { buyer_id: { as: "null" } } }, /sensitive names buyer_id, which is in the key/],
    [
      "a text that does not fit",
      { sensitive: { spent: { as: "text", text: "x" } } },
      /hides.*invalid input syntax for type numeric/,
    ],
    [
      "SQL that does not run",
      { sensitive: { called: { as: "sql", sql: "nope" } } },
      /dim_buyers\.sql.*column "nope" does not exist/,
    ],
    ["a condition that does not run", { visibleTo: { [north]: "nope = 1" } }, /column "nope" does not exist/],
    ["a role that cannot be one", { visibleTo: { "x y": "true" } }, /visibleTo names "x y"/],
  ])("is not declared with %s", async (_, wrong, message) => {
    await expect(build([{ ...marts()[0], ...wrong }, marts()[1]])).rejects.toThrow(message);
  });
});

describe("rows for some only", () => {
  test("are shown to their group alone; who is in no named group sees all", async () => {
    expect(rowGroups(marts())).toEqual([north]);
    const sql = "select buyer_id from marts.fct_purchases order by 1";
    expect(await rows(await reader({ groups: [north] }), sql)).toEqual([{ buyer_id: "1" }]);
    expect(await rows(await reader(), sql)).toHaveLength(3);
    expect((await pool().query(sql)).rows).toHaveLength(3);
  });

  test("are not told to a function of a reader who does not see them", async () => {
    const one = await reader({ groups: [north] });
    await as(one, async ({ toldOf, client }) => {
      for (const column of ["buyer_id", "spent"]) expect((await toldOf("marts.fct_purchases", column)).size).toBe(1);
      await expect(client.query("select from fct_purchases where (region || 'x')::integer = 1")).rejects.toThrow(/"northx"/);
    });
  });
});
