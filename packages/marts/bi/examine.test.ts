import { pgExecutor } from "@jukebase/platform/postgres.ts";
import { describe, expect, test } from "vitest";
import { type Examination, examineReader, holds, lastExaminations } from "./examine.ts";
import type { Reader } from "./readers.ts";
import { by, password, shop } from "./shop.testing.ts";
import { readsOf, sampleUse } from "./use.ts";

const { database, pool, marts, north, build, reader, as } = shop();

describe("an examination", () => {
  const examine = (one: Reader, secret?: string) =>
    examineReader(pool(), one, { url: database().url, marts: marts(), password: secret }, by);
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
        await pool().query("select from pg_roles where pg_has_role(oid, $1, 'member') and rolname like 'jukebase\\_doctor%'", [
          one.name,
        ])
      ).rows,
    ).toEqual([]);
    expect((await lastExaminations(pgExecutor(pool()))).find(({ reader: name }) => name === one.name)?.findings).toEqual(
      done.findings,
    );
  });

  test("logs in as the reader itself only with its password", async () => {
    await expect(examine(await reader(), "wrong")).rejects.toThrow(/cannot log in: password authentication failed/);
  });

  test("finds whatever somebody granted, and says what to do", async () => {
    const one = await reader();
    await pool().query(`
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
    await pool().query(`drop owned by ${one.name}`);
  });

  test("finds a mart that shows what it should mask, and one that is no barrier", async () => {
    const one = await reader({ groups: [north] });
    await pool().query("alter view marts.fct_purchases reset (security_barrier)");
    const store = await pool().query("select store from marts_store.mart where name = 'dim_buyers'");
    await pool().query(
      `create or replace view marts.dim_buyers as select buyer_id, email_domain, called, spent from marts_store.${store.rows[0].store}`,
    );
    const done = await examine(one);
    expect(broken(done)).toEqual([
      "sees what tells of persons as it is meant to",
      "brings no masked or hidden value out by an error of its own condition",
    ]);
    await pool().query("update marts_store.mart set documentation_hash = 'old'");
    await build(marts());
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
      pool(),
      marts().map(({ name }) => name),
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
    const mine = async () => (await readsOf(pgExecutor(pool()))).filter((use) => use.reader === one.name);
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
    const { rows: kept } = await pool().query("select statement::text as row from bi.statement");
    expect(JSON.stringify(kept)).not.toMatch(/select|another/);
  });

  test("that cannot be counted says why", async () => {
    await pool().query("drop extension pg_stat_statements");
    expect(await sample()).toMatchObject({ problem: expect.stringContaining("shared_preload_libraries") });
  });
});
