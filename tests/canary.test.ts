import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAdmin } from "../apps/admin/accounts.ts";
import { type Client, newClient } from "../apps/admin/client.testing.ts";
import { ada } from "../apps/admin/world.testing.ts";
import { createKey } from "../apps/api/keys.ts";
import { answerOf, called } from "../apps/cli/commands.testing.ts";
import { until } from "../apps/worker/worker.testing.ts";
import { domains } from "../packages/domains/index.ts";
import { difference, type Picture, takePicture } from "../packages/domains/laws/picture.ts";
import { forgetProjections, settle } from "../packages/domains/laws/world.ts";
import { type Jukebase, openJukebase } from "../packages/domains/open.ts";
import { expire, keyOfDay, subjectText } from "../packages/events/index.ts";
import { subjectKeys } from "../packages/events/subject-keys.ts";
import { verifyAudit } from "../packages/platform/audit.ts";
import { sealFile } from "../packages/platform/inbox.ts";
import { type Database, type EventContract, pgExecutor, readConfig } from "../packages/platform/index.ts";
import { fixedClock, type TestDatabase, testDatabase } from "../packages/testing/index.ts";
import { filesThatTell, placesThatTell, placesThatTellOpened, tells } from "./places.ts";
import { bodies, csv, eventOf, mapping, plantedBody, requestsOf, secrets, strays, telling } from "./planting.ts";

const first = telling[0] as EventContract;

const main = fileURLToPath(new URL("../apps/cli/main.ts", import.meta.url));
const sealed = [
  "events.log.unknown",
  "events.quarantine.bytes",
  "events.quarantine.fixed",
  "events.quarantine.sealed_scope",
  "vault.value.ciphertext",
];
const types = ["application/json", "application/x-ndjson"] as const;

let database: TestDatabase;
let home: string;
let out: string;
let jukebase: Jukebase;
let pool: Database["pg"];
let env: Record<string, string>;
let server: ChildProcess;
let api: string;
let secret: string;
let browser: Client;
let answers: string[];

beforeAll(async () => {
  database = await testDatabase();
  home = await mkdtemp(join(tmpdir(), "jukebase-persons-"));
  out = await mkdtemp(join(tmpdir(), "jukebase-persons-out-"));
  env = { DATABASE_URL: database.url, JUKEBASE_HOME: home, JUKEBASE_LOG: "debug" };
  jukebase = await openJukebase(readConfig(env, home), { connections: 3 });
  pool = jukebase.database.pg;
  ({ secret } = await createKey(jukebase, { name: "test", source: "shop" }, "cli:test"));
  await createAdmin(jukebase, ada.email, ada.password);
  const log = await open(join(out, "serve.log"), "w");
  server = spawn(process.execPath, [main, "serve", "--api-port", "0", "--admin-port", "0", "--json"], {
    env,
    stdio: ["ignore", "pipe", log.fd],
  });
  const [line] = (await once(createInterface({ input: server.stdout as NodeJS.ReadableStream }), "line")) as [string];
  const urls = JSON.parse(line) as { api: string; admin: string };
  api = urls.api;
  browser = newClient(urls.admin);
  await browser.signIn();
  answers = [];
  await log.close();
});

afterAll(async () => {
  server?.kill("SIGTERM");
  if (server?.exitCode === null) await once(server, "close");
  await jukebase?.close();
  await database?.drop();
  for (const folder of [home, out]) await rm(folder, { recursive: true, force: true });
});

describe("a canary in every place where something of a person may come in", () => {
  let before: Picture;

  it("is planted in every personal field of every contract, over every way in", async () => {
    expect(Object.keys(bodies).sort()).toEqual(telling.map(({ type }) => type).sort());
    for (const contract of telling) await plant(contract);
    await plantByFile();
    await post(strays);
    const [open] = (await pool.query<{ n: number }>("select count(*)::int as n from events.quarantine")).rows;
    expect(open?.n).toBeGreaterThan(10);
    const fields = (await pool.query<{ field: string }>("select distinct field from vault.value order by 1")).rows.map(
      ({ field }) => field,
    );
    const personal = telling.flatMap((contract) => contract.rules().flatMap(({ path, pii }) => (pii ? [path] : [])));
    expect(fields).toEqual([...new Set(personal)].sort());
  });

  it("is used as people use it: mended, replayed, looked at, exported, in jobs that fail", async () => {
    const items = await pool.query<{ id: string }>(
      "select quarantine_id as id from events.quarantine where event_id = 'Sale.CustomerRegistered broken'",
    );
    const mended = { ...bodies["Sale.CustomerRegistered"]?.("c1"), LegalAddress: "canary mended street" };
    await ran("quarantine", "fix", items.rows[0]?.id as string, "--data", JSON.stringify(mended));
    await ran("quarantine", "replay", items.rows[0]?.id as string);
    await ran("quarantine", "discard", ...(await idsOf("discarded")), "--why", "not wanted");
    await ran("events", "tail");
    await everyPage();
    await everyReport();
    await ran("marts", "refresh");
    before = await settled();
  });

  it("stands nowhere in clear: no column of any table, no file, no log line, no answer", async () => {
    expect(await placesThatTell(pool, secrets)).toEqual([]);
    expect([await filesThatTell(home, secrets), await filesThatTell(out, secrets)]).toEqual([[], []]);
    expect(answers.filter((answer) => tells(Buffer.from(answer), secrets))).toEqual([]);
    expect(answers.length).toBeGreaterThan(60);
    expect((await readFile(join(out, "serve.log"), "utf8")).split("\n").length).toBeGreaterThan(20);
  });

  it("comes out of exactly the sealed places when they are opened with the keys", async () => {
    expect(await opened()).toEqual(sealed);
  });

  it("is gone from all of them when its subjects are erased, and no table or mart changes; what told of nobody goes with its day", async () => {
    for (const { subject } of await subjects()) {
      const certificate = answerOf(await ran("privacy", "erase", subject, "--why", "asked", "--yes"));
      expect(certificate).toMatchObject({ subject, why: "asked", audit: { head: expect.stringMatching(/^[0-9a-f]{64}$/) } });
    }
    expect(await subjects()).toEqual([]);
    expect(difference(before, await settled())).toBeUndefined();
    expect(await placesThatTell(pool, secrets)).toEqual([]);
    // Whose these are cannot be told: one says no customer, the other is a row of a CSV that cannot be read.
    const left = await pool.query("select event_id from events.quarantine where bytes is not null order by event_id");
    expect(left.rows).toEqual([{ event_id: "of nobody" }, { event_id: null }]);
    expect(await opened()).toEqual(["events.quarantine.bytes"]);
    await expire({ ...jukebase, clock: fixedClock(new Date(Date.now() + 92 * 86_400_000).toISOString()) }, "job:test");
    expect(await opened()).toEqual([]);
  });

  it("does not come back with what is sent afterwards, nor with a file that waited sealed", async () => {
    for (const contract of telling) await post([eventOf(contract, "after", plantedBody(contract, "after"))]);
    await handOver("waited.ndjson", JSON.stringify(eventOf(first, "waited", plantedBody(first, "waited"))));
    expect(await placesThatTell(pool, secrets)).toEqual([]);
    expect(await opened()).toEqual([]);
    const { dropped, erased } = answerOf(await ran("privacy", "status")) as { dropped: number; erased: number };
    expect(erased).toBeGreaterThan(1);
    expect(dropped).toBeGreaterThan(8);
    await everyPage("all");
    expect(answers.filter((answer) => tells(Buffer.from(answer), secrets))).toEqual([]);
    expect([await filesThatTell(home, secrets), await filesThatTell(out, secrets)]).toEqual([[], []]);
  });

  it("took no number along: a rebuild gives what is live, and nothing is lost", async () => {
    expect(answerOf(await ran("doctor"))).toMatchObject({ holds: true });
    const live = await settled();
    await forgetProjections(jukebase);
    expect(difference(live, await settled())).toBeUndefined();
    expect(await verifyAudit(pgExecutor(pool))).toMatchObject({ broken: [] });
  });

  it("would be found: in a text, in bytes, in base64, in a job, in a file", async () => {
    await pool.query("create table public.scratch (note jsonb, raw bytea, packed text)");
    await pool.query("insert into public.scratch values ($1, $2, $3)", [
      { deep: ["a Canary"] },
      Buffer.from("1931-07-13"),
      Buffer.from("the canary sings").toString("base64"),
    ]);
    expect(await placesThatTell(pool, secrets)).toEqual(["public.scratch.note", "public.scratch.packed", "public.scratch.raw"]);
    await writeFile(join(out, "note.txt"), "canary");
    expect(await filesThatTell(out, secrets)).toEqual(["note.txt"]);
    await rm(join(out, "note.txt"));
  });
});

async function plant(contract: EventContract): Promise<void> {
  const { batches, text } = requestsOf(contract);
  for (const batch of batches) await post(batch, types[0], `canary-key-of-${contract.type}-${batch.length}`);
  await post(text, types[1]);
}

async function plantByFile(): Promise<void> {
  await writeFile(join(out, "map.json"), JSON.stringify(mapping));
  const file = join(home, "rows.csv");
  await writeFile(file, `${csv.join("\n")}\n`);
  await ran("ingest", file, "--mapping", join(out, "map.json"), "--source", "shop");
  await rm(file); // What people keep of their own files is theirs.
  const people = [1, 2].map((n) => JSON.stringify(eventOf(first, `file ${n}`, plantedBody(first, "file")))).join("\n");
  await handOver("people.ndjson", people);
  await handOver("torn.ndjson.gz", new Uint8Array(gzipSync(people).subarray(0, -9)), true);
  await sealFile(`${home}/inbox`, "waiting.ndjson", jukebase.keys.vault, [
    Buffer.from("canary waits"),
  ] as unknown as AsyncIterable<Uint8Array>);
}

async function handOver(name: string, content: string | Uint8Array<ArrayBuffer>, fails = false): Promise<void> {
  const response = await fetch(`${api}/v1/loads?name=${name}`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/octet-stream" },
    body: content,
  });
  const { id } = (await response.json()) as { id: string };
  expect(response.status).toBe(202);
  await until(`the load of ${name}`, async () => {
    const answer = await (await fetch(`${api}/v1/loads/${id}`, { headers: { authorization: `Bearer ${secret}` } })).text();
    answers.push(answer);
    const { status, error } = JSON.parse(answer) as { status: string; error: string | null };
    return fails ? error !== null || status === "failed" : status === "done";
  });
}

async function post(body: readonly object[] | string, type: string = types[0], key?: string): Promise<void> {
  const content = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(`${api}/v1/events`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${secret}`,
      "content-type": type,
      ...(key === undefined ? {} : { "idempotency-key": key }),
    },
    body: content,
  });
  answers.push(await response.text());
  expect(response.status).toBeLessThan(300);
}

async function ran(...args: readonly string[]) {
  const done = await called([...args, "--json"], env);
  if (done.code !== 0) throw new Error(`${args.join(" ")}: ${done.stderr}${done.stdout}`);
  answers.push(done.stdout, done.stderr);
  return done;
}

async function idsOf(mark: string): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>("select quarantine_id as id from events.quarantine where event_id like $1", [
    `%${mark}`,
  ]);
  return rows.map(({ id }) => id);
}

// A quarantined item's own page shows what was received, to whoever may mend it; after an erasure there is nothing to show.
async function everyPage(items: "all" | "none" = "none"): Promise<void> {
  const seen = new Set<string>();
  const names = ["", "reports", "events", "quarantine", "loads", "contracts", "marts", "jobs", "doctor"];
  const next = [...names, "search?q=c1", "search?q=canary-none"].map((page) => `/${page}`);
  for (let path = next.pop(); path !== undefined; path = next.pop()) {
    if (seen.has(path) || seen.size > 150) continue;
    seen.add(path);
    const response = await browser.get(path);
    const text = await response.text();
    expect(response.status, path).toBeLessThan(500);
    if (items === "all" || !/^\/quarantine\/[0-9a-f]/.test(path)) answers.push(text.replaceAll("canary-none", ""));
    for (const [, href] of text.matchAll(/href="(\/(?:events|quarantine|loads|contracts|marts|jobs)[^"#]*)"/g))
      next.unshift((href as string).replaceAll("&amp;", "&"));
  }
  expect(seen.size).toBeGreaterThan(30);
}

async function everyReport(): Promise<void> {
  for (const { name } of domains.flatMap((domain) => domain.reports)) {
    for (const format of ["json", "csv", "xlsx"]) {
      const response = await fetch(`${api}/v1/reports/${name}.${format}`, { headers: { authorization: `Bearer ${secret}` } });
      expect(response.status, name).toBe(200);
      const bytes = Buffer.from(await response.arrayBuffer());
      answers.push(bytes.toString("latin1"));
      await writeFile(join(out, `${name}.${format}`), bytes);
    }
  }
}

async function settled(): Promise<Picture> {
  await settle(jukebase);
  return takePicture(jukebase, false);
}

async function subjects(): Promise<{ subject: string }[]> {
  return (await pool.query<{ subject: string }>("select subject from vault.subject order by subject")).rows;
}

async function opened(): Promise<string[]> {
  const db = pgExecutor(pool);
  const days = await pool.query<{ salt: Buffer }>("select salt from vault.day_key");
  const people = await subjectKeys(db, jukebase.keys, [
    ...(await subjects()).map(({ subject }) => subject),
    subjectText({ kind: "customer", namespace: "shop", id: "c1" }),
  ]);
  const tokens = await pool.query<{ token: string }>("select token from vault.value");
  const keys = [jukebase.keys.vault, ...days.rows.map(({ salt }) => keyOfDay(jukebase.keys, salt)), ...people.values()];
  return placesThatTellOpened(pool, secrets, keys, ["", ...tokens.rows.map(({ token }) => token)]);
}
