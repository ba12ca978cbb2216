import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { examineReader } from "@jukebase/marts/bi/examine.ts";
import { makePassword } from "@jukebase/marts/bi/password.ts";
import { createReader, dropReader, type Reader, rotateReader } from "@jukebase/marts/bi/readers.ts";
import { sampleUse } from "@jukebase/marts/bi/use.ts";
import { personalReaderGroup, readerGroup } from "@jukebase/marts/public-view.ts";
import { login } from "@jukebase/platform/login.ts";
import { testDatabase } from "@jukebase/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Jukebase, openJukebase } from "./open.ts";

// As on a managed server: the installation's own role owns its database and may make roles, and is nobody's superuser.

const mark = randomBytes(4).toString("hex");
const owner = `owner_${mark}`;
const database = `managed_${mark}`;
const password = makePassword();
const by = { actor: "test", at: new Date("2026-01-01T00:00:00Z") };
const one: Reader = {
  name: `managed_reader_${mark}`,
  tool: "psql",
  sensitive: false,
  groups: [],
  connections: 2,
  timeout_ms: 5000,
};

const undo: (() => Promise<unknown>)[] = [];
let jukebase: Jukebase;

beforeAll(async () => {
  const own = await testDatabase();
  undo.unshift(own.drop);
  const server = await login(own.url, "test");
  undo.unshift(server.end);
  await server.query(`create role ${owner} login createrole password '${password}'`);
  undo.unshift(() => server.query(`drop role ${owner}`));
  for (const group of [readerGroup, personalReaderGroup]) {
    await server.query(`do $$ begin create role ${group}; exception when duplicate_object or unique_violation then null; end $$`);
    await server.query(`grant ${group} to ${owner} with admin option`);
  }
  await server.query(`create database ${database} owner ${owner}`);
  undo.unshift(() => server.query(`drop database ${database} with (force)`));
  const url = new URL(own.url);
  [url.username, url.password, url.pathname] = [owner, password, `/${database}`];
  const home = await mkdtemp(`${tmpdir()}/jukebase-managed-`);
  undo.unshift(() => rm(home, { recursive: true }));
  const config = { home, databaseUrl: url.href, host: "127.0.0.1", apiPort: 0, adminPort: 0, logLevel: "silent" } as const;
  jukebase = await openJukebase({ ...config, key: Buffer.alloc(32, 7).toString("base64") }, { connections: 3 });
  undo.unshift(() => jukebase.close());
});

afterAll(async () => {
  for (const step of undo) await step();
});

test("makes readers that reach the marts alone, and says which of the server's doors stay open", async () => {
  const { pg, url } = jukebase.database;
  await createReader(pg, one, password, by);
  await rotateReader(pg, one.name, `${password}2`, by);
  const { findings } = await examineReader(pg, one, { url, marts: jukebase.marts }, by);
  expect(findings.filter(({ outcome }) => outcome === "broken")).toEqual([]);
  expect(findings.filter(({ outcome }) => outcome === "weak").map(({ probe }) => probe)).toEqual([
    "holds up no build, and fills no disk",
    "is let into no other database of this server",
  ]);
});

test("says why use cannot be counted, and sees everything itself", async () => {
  const { pg } = jukebase.database;
  const sampled = await sampleUse(pg, [], by.at);
  expect(sampled.problem).toMatch(/create extension pg_stat_statements with schema bi/);
  const { rows } = await pg.query("select platform.sees_sensitive() as sees, platform.owns_marts() as owns");
  expect(rows).toEqual([{ sees: true, owns: true }]);
  await dropReader(pg, one.name, by);
});
