import { randomBytes } from "node:crypto";
import { verifyAudit } from "@jukebase/platform/audit.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { pgExecutor } from "@jukebase/platform/postgres.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildMarts } from "../build.ts";
import { maskedColumns } from "../masks.ts";
import { sampleMart } from "../sample-marts.ts";
import { columnsIn } from "../store.ts";
import { type Examination, examineReader, holds, lastExaminations } from "./examine.ts";
import { type Eavesdropper, eavesdrop, plantTelltale } from "./leaks.testing.ts";
import { chosenPassword, makePassword } from "./password.ts";
import { createReader, dropReader, findReader, listReaders, type Reader, rotateReader, rowGroups } from "./readers.ts";
import { addressFor, connectionUrl } from "./tools.ts";
import { readsOf, sampleUse } from "./use.ts";

const mark = randomBytes(4).toString("hex");
const by = { actor: "test", at: new Date("2026-01-01T00:00:00Z") };
const password = makePassword();
const north = `north_${mark}`;

let database: TestDatabase;
let pool: pg.Pool;
let marts: readonly Mart[];
const made: string[] = [];

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 3, options: "-c timezone=UTC" });
  await pool.query(`
    create schema shop;
    create table shop.buyer (buyer_id text, email_domain text, called text, region text, spent numeric);
    insert into shop.buyer values
      ('1', 'secret-one.example', 'Secret Ann', 'north', 10), ('2', 'secret-two.example', 'Secret Bob', 'south', 20),
      ('3', null, null, 'south', 30)`);
  marts = [await buyers(), await purchases()];
  await build(marts);
  await plantTelltale(pool);
});

afterAll(async () => {
  for (const name of made.reverse()) await dropReader(pool, name, by).catch(() => {}); // Dropped by its own test.
  await pool.end();
  await database.drop();
  const server = new pg.Client({ connectionString: database.url.replace(/\/[^/]*$/, "/postgres") });
  await server.connect();
  await server.query(`drop role if exists ${north}`);
  await server.end();
});

const build = (some: readonly Mart[]) => buildMarts(pool, some, { schemas: { shop: "shop" } });

async function reader(more: Partial<Reader> = {}): Promise<Reader> {
  const name = `reader${made.length}_${mark}`;
  const made_ = { name, tool: "psql", sensitive: false, groups: [], connections: 3, timeout_ms: 30_000, ...more } as const;
  await createReader(pool, made_, password, by);
  made.push(name);
  return made_;
}

async function as<T>({ name }: Pick<Reader, "name">, work: (one: Eavesdropper) => Promise<T>, secret = password): Promise<T> {
  const one = await eavesdrop(database.url, name, secret);
  try {
    return await work(one);
  } finally {
    await one.end();
  }
}

const rows = (one: Reader, sql: string) => as(one, async ({ client }) => (await client.query(sql)).rows);
const refusal = (one: Reader, sql: string) =>
  as(one, ({ client }) =>
    client.query(sql).then(
      () => "done",
      (error: Error) => error.message,
    ),
  );

describe("a reader", () => {
  test("reads the marts, begins read-only in UTC, and stands in the audit log without its password", async () => {
    const one = await reader();
    expect(await rows(one, "select buyer_id, spent::text from fct_purchases order by 1")).toHaveLength(3);
    expect(
      await rows(one, "select current_setting('transaction_read_only') as read_only, current_setting('timezone') as zone"),
    ).toEqual([{ read_only: "on", zone: "UTC" }]);
    const { rows: audited } = await pool.query("select action, object, after::text from platform.audit");
    expect(audited).toMatchObject([{ action: "bi.create", object: one.name }]);
    expect(JSON.stringify(audited)).not.toContain(password);
    expect(await verifyAudit(pgExecutor(pool))).toMatchObject({ broken: [] });
  });

  test("reads a mart that is built later, and one whose columns change", async () => {
    const one = await reader();
    const later = await sampleMart("-- r\nselect buyer.buyer_id from shop.buyer", {
      ...plain("dim_later_buyers", ["buyer_id"]),
    });
    await build([...marts, later]);
    expect(await rows(one, "select from dim_later_buyers")).toHaveLength(3);
    const changed = await sampleMart("-- r\nselect buyer.spent, buyer.buyer_id from shop.buyer", {
      ...plain("dim_later_buyers", ["spent", "buyer_id"]),
    });
    await build([...marts, changed]);
    expect(await rows(one, "select spent from dim_later_buyers")).toHaveLength(3);
    await build(marts);
  });

  test.each([
    ["the store beneath", "select from marts_store.mart"],
    ["the domain's table", "select from shop.buyer"],
    ["a temporary table", "begin read write; create temp table t (n int)"],
    ["a function", "begin read write; create function marts.f () returns int language sql return 1"],
    ["a write", "begin read write; delete from marts.dim_buyers"],
    ["an advisory lock", "select pg_advisory_lock(1)"],
  ])("is refused %s", async (_, sql) => {
    expect(await refusal({ name: made[0] as string } as Reader, sql)).toMatch(/permission denied/);
  });

  test("is not let in without a word of this database, though it is of the group", async () => {
    const name = `stranger_${mark}`;
    await pool.query(`create role ${name} login password '${password}' in role jukebase_reader`);
    await expect(as({ name }, async () => {})).rejects.toThrow(/permission denied for database/);
    await pool.query(`drop role ${name}`);
  });

  test("gets another password, and with the old one is refused", async () => {
    const one = await reader();
    const other = chosenPassword("a-long-enough-password\n");
    await rotateReader(pool, one.name, other, by);
    await expect(as(one, async () => {})).rejects.toThrow(/password authentication failed/);
    expect(await as(one, async () => "in", other)).toBe("in");
    expect(await findReader(pgExecutor(pool), one.name)).toMatchObject({ rotated_at: expect.anything(), sessions: 0 });
  });

  test("is dropped with its sessions, and its name is free again", async () => {
    const one = await reader();
    const open = new pg.Client({ connectionString: connectionUrl(addressFor(database.url, one.name), password) });
    open.on("error", () => {});
    await open.connect();
    await dropReader(pool, one.name, by);
    await expect(open.query("select 1")).rejects.toThrow();
    await open.end();
    expect((await listReaders(pgExecutor(pool))).map(({ name }) => name)).not.toContain(one.name);
    await createReader(pool, one, password, by);
  });

  test.each(["Robert", "pg_reader", "jukebase_x", "a b", 'x"y', "a".repeat(64)])("is not called %s", async (name) => {
    await expect(createReader(pool, { ...plainReader, name }, password, by)).rejects.toThrow(/cannot name a role/);
  });

  test("is made once", async () => {
    await expect(createReader(pool, { ...plainReader, name: made[0] as string }, password, by)).rejects.toThrow(
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
    expect((await pool.query(sql)).rows).toEqual(clear);
    const columns = await columnsIn(pgExecutor(pool), "marts", "dim_buyers");
    const sample = await pool.query(`select ${maskedColumns(marts[0] as Mart, columns)} from marts.dim_buyers order by buyer_id`);
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
    await pool.query(`
      create view marts.plain as select buyer_id, called from shop.buyer where region = 'north';
      grant select on marts.plain to jukebase_reader`);
    expect([...(await as(one, ({ toldOf }) => toldOf("marts.plain", "called")))]).toContain("Secret Bob");
    await pool.query("drop view marts.plain");
  });

  test("follows a change of masks without building the store anew", async () => {
    const one = await reader();
    const store = await pool.query("select store from marts_store.mart where name = 'dim_buyers'");
    const open = { ...(marts[0] as Mart), sensitive: { called: { as: "text", text: "hidden" } } } as const;
    expect(await build([open, marts[1] as Mart])).toMatchObject({ built: [] });
    expect(await rows(one, "select distinct called, email_domain from dim_buyers order by 2 limit 1")).toEqual([
      { called: "hidden", email_domain: "secret-one.example" },
    ]);
    await build(marts);
    expect((await pool.query("select store from marts_store.mart where name = 'dim_buyers'")).rows).toEqual(store.rows);
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
    await expect(build([{ ...(marts[0] as Mart), ...wrong }, marts[1] as Mart])).rejects.toThrow(message);
  });
});

describe("rows for some only", () => {
  test("are shown to their group alone; who is in no named group sees all", async () => {
    expect(rowGroups(marts)).toEqual([north]);
    const sql = "select buyer_id from marts.fct_purchases order by 1";
    expect(await rows(await reader({ groups: [north] }), sql)).toEqual([{ buyer_id: "1" }]);
    expect(await rows(await reader(), sql)).toHaveLength(3);
    expect((await pool.query(sql)).rows).toHaveLength(3);
  });

  test("are not told to a function of a reader who does not see them", async () => {
    const one = await reader({ groups: [north] });
    await as(one, async ({ toldOf, client }) => {
      for (const column of ["buyer_id", "spent"]) expect((await toldOf("marts.fct_purchases", column)).size).toBe(1);
      await expect(client.query("select from fct_purchases where (region || 'x')::integer = 1")).rejects.toThrow(/"northx"/);
    });
  });
});

describe("an examination", () => {
  const examine = (one: Reader, secret?: string) => examineReader(pool, one, { url: database.url, marts, password: secret }, by);
  const broken = ({ findings }: Examination) => findings.flatMap(({ outcome, probe }) => (outcome === "broken" ? [probe] : []));
  const weak = ({ findings }: Examination) => findings.flatMap(({ outcome, found }) => (outcome === "weak" ? [found] : []));

  test.each([
    ["plain", {}],
    ["with persons in clear", { sensitive: true }],
    ["of a group", { groups: [north] }],
  ])("finds a reader %s to be held, by a login of its own that is gone afterwards, and keeps that", async (_, more) => {
    const one = await reader(more);
    const done = await examine(one);
    expect([broken(done), done.login]).toEqual([[], "temporary"]);
    expect(weak(done).filter((found) => !found.startsWith("may connect to"))).toEqual([]);
    expect(
      (
        await pool.query("select from pg_roles where pg_has_role(oid, $1, 'member') and rolname like 'jukebase\\_doctor%'", [
          one.name,
        ])
      ).rows,
    ).toEqual([]);
    expect((await lastExaminations(pgExecutor(pool))).find(({ reader: name }) => name === one.name)?.findings).toEqual(
      done.findings,
    );
  });

  test("logs in as the reader itself only with its password", async () => {
    await expect(examine(await reader(), "wrong")).rejects.toThrow(/cannot log in: password authentication failed/);
  });

  test("finds whatever somebody granted, and says what to do", async () => {
    const one = await reader();
    await pool.query(`
      grant usage on schema shop to ${one.name};
      grant select on shop.buyer to ${one.name};
      grant insert on marts.dim_buyers to ${one.name};
      grant create on schema marts to ${one.name};
      grant pg_write_server_files, pg_monitor, pg_signal_backend, jukebase_pii_reader to ${one.name};
      alter role ${one.name} createdb connection limit 50`);
    const done = await examine(one);
    const told = done.findings.filter(({ outcome }) => outcome === "broken").map(({ probe, found }) => `${probe}: ${found}`);
    expect(told).toEqual([
      "reads no relation of any other schema, marts_store included: not refused: shop.buyer",
      "sees what tells of persons as it is meant to: dim_buyers.email_domain is shown, dim_buyers.called is shown",
      "brings no masked or hidden value out by an error of its own condition: an error told a value of dim_buyers.email_domain, dim_buyers.called",
      "is a reader and nothing more: createdb, member of jukebase_pii_reader, member of pg_monitor, member of pg_signal_backend, member of pg_write_server_files",
      "writes into no mart: not refused: insert into dim_buyers",
      "creates nothing: no table, temporary table, schema, function or extension: not refused: a table in marts; a function in marts",
      "reaches no file and no program of the server: not refused: copy to a file",
      expect.stringMatching(/^becomes nobody else: not refused: .*role pg_monitor; .*role pg_signal_backend/),
      expect.stringMatching(/^reads and ends no session of others: /),
      "has no more sessions than it may: its limit is 50, not 3",
    ]);
    expect(done.findings.every(({ outcome, next }) => (outcome === "held") === (next === undefined))).toBe(true);
    expect(holds(done)).toBe(false);
    await pool.query(`drop owned by ${one.name}`);
  });

  test("finds a mart that shows what it should mask, and one that is no barrier", async () => {
    const one = await reader({ groups: [north] });
    await pool.query("alter view marts.fct_purchases reset (security_barrier)");
    const store = await pool.query("select store from marts_store.mart where name = 'dim_buyers'");
    await pool.query(
      `create or replace view marts.dim_buyers as select buyer_id, email_domain, called, spent from marts_store.${store.rows[0].store}`,
    );
    const done = await examine(one);
    expect(broken(done)).toEqual([
      "sees what tells of persons as it is meant to",
      "brings no masked or hidden value out by an error of its own condition",
    ]);
    await pool.query("update marts_store.mart set documentation_hash = 'old'");
    await build(marts);
  });

  test("finds settings that the role has changed for itself", async () => {
    const one = await reader();
    await as(one, ({ client }) => client.query(`begin read write; alter role ${one.name} set statement_timeout = 0; commit`));
    expect(weak(await examine(one, password)).join()).toContain("statement_timeout is 0");
  });
});

describe("use", () => {
  const sample = () =>
    sampleUse(
      pool,
      marts.map(({ name }) => name),
      by.at,
    );

  test("is counted by mart and reader, each read once, without the text", async ({ skip }) => {
    const one = await reader();
    await as(one, async ({ client }) => {
      for (let n = 0; n < 3; n += 1) await client.query("select * from dim_buyers where called = 'a word that is nobody''s'");
      await client.query("select count(*) from marts.fct_purchases join dim_buyers using (buyer_id)");
    });
    const { problem } = await sample();
    if (problem !== undefined) skip(problem);
    const mine = async () => (await readsOf(pgExecutor(pool))).filter((use) => use.reader === one.name);
    const counted = [
      { mart: "dim_buyers", tool: "psql", reads: "4", rows: "1" },
      { mart: "fct_purchases", tool: "psql", reads: "1", rows: "1" },
    ];
    expect(await mine()).toMatchObject(counted);
    await sample();
    expect(await mine()).toMatchObject(counted);
    await as(one, ({ client }) => client.query("select * from dim_buyers where called = 'another'"));
    await sample();
    expect((await mine())[0]).toMatchObject({ reads: "5" });
    const { rows: kept } = await pool.query("select statement::text as row from bi.statement");
    expect(JSON.stringify(kept)).not.toMatch(/select|another/);
  });

  test("that cannot be counted says why", async () => {
    await pool.query("drop extension pg_stat_statements");
    expect(await sample()).toMatchObject({ problem: expect.stringContaining("shared_preload_libraries") });
  });
});

const plainReader: Reader = { name: "x", tool: "psql", sensitive: false, groups: [], connections: 1, timeout_ms: 1000 };

function plain(name: string, columns: readonly string[]): Parameters<typeof sampleMart>[1] {
  return { name, kind: "view", columns, key: ["buyer_id"], reads: { "shop.buyer": null } };
}

function buyers(): Promise<Mart> {
  const columns = ["buyer_id", "email_domain", "called", "spent"];
  return sampleMart("-- r\nselect buyer.buyer_id, buyer.email_domain, buyer.called, buyer.spent from shop.buyer", {
    ...plain("dim_buyers", columns),
    sensitive: { email_domain: { as: "null" }, called: { as: "sql", sql: "'buyer ' || buyer_id" } },
  });
}

function purchases(): Promise<Mart> {
  return sampleMart("-- r\nselect buyer.buyer_id, buyer.region, buyer.spent from shop.buyer", {
    ...plain("fct_purchases", ["buyer_id", "region", "spent"]),
    kind: "rollup",
    bucket: ["buyer_id"],
    reads: { "shop.buyer": "select buyer_id from changed" },
    visibleTo: { [north]: "region = 'north'" },
  });
}
