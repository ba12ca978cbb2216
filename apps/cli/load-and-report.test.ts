import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtDatabase } from "@jukebase/domains/built.testing.ts";
import type { TestDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerOf, called, type Ran, spawned } from "./commands.testing.ts";

let database: TestDatabase;
let pool: pg.Pool;
let home: string;
let file: string;

const lines = [
  {
    id: "c1",
    type: "Sale.CustomerRegistered",
    data: { CustomerId: 1001, CustomerName: "ACME", OccurredAt: "2026-01-01T10:00:00Z" },
  },
  { id: "l1", type: "Sale.LocationRegistered", data: { LocationId: 5001, CustomerId: 1001, OccurredAt: "2026-01-01T10:00:00Z" } },
  {
    id: "d1",
    type: "Sale.DeviceAllocated",
    data: {
      DeviceId: 1,
      LocationAllocatedId: 5001,
      SellingAgent: { AgentId: 201, AgentName: "T" },
      DeviceDetails: { DevicePrice: "250.10", DeviceName: "MusicMaker3000" },
      OccurredAt: "2026-01-02",
    },
  },
  { id: "p1", type: "Payment.PaymentReceived", data: { PaymentAmount: "250.10", DeviceId: 1, OccurredAt: "2026-02-01" } },
  { id: "p1", type: "Payment.PaymentReceived", data: { PaymentAmount: "250.10", DeviceId: 1, OccurredAt: "2026-02-01" } },
  { id: "p2", type: "Payment.PaymentReceived", data: { PaymentAmount: -4, DeviceId: 1, OccurredAt: "2026-02-02" } },
];

function run(...args: readonly string[]): Promise<Ran> {
  return called(args, { DATABASE_URL: database.url, JUKEBASE_HOME: home });
}

beforeAll(async () => {
  database = await builtDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 1 });
  home = await mkdtemp(join(tmpdir(), "jukebase-cli-"));
  file = join(home, "events.ndjson");
  await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
});

afterAll(async () => {
  await pool.end();
  await database.drop();
  await rm(home, { recursive: true, force: true });
});

test("a check judges a file without a database, and fails when an event is broken", async () => {
  const checked = await called(["contracts", "check", file, "--json"]);
  expect(checked.code).toBe(1);
  expect(answerOf(checked)).toMatchObject({
    counts: { read: 6, sound: 5, broken: 1 },
    broken: [{ line: 6, issues: [{ code: "negative" }] }],
  });
});

test("what is loaded is accounted for, line by line", async () => {
  const loaded = await run("ingest", file, "--json");
  expect({ code: loaded.code, stderr: loaded.stderr }).toEqual({ code: 0, stderr: "" });
  expect(answerOf(loaded)).toMatchObject({
    loads: [
      {
        source: "main",
        received: 6,
        logged: 4,
        duplicates: 1,
        quarantined: 1,
        reasons: [{ reason: "negative", items: 1, line: 6 }],
      },
    ],
    projected: { parked: 0 },
  });
});

test("a report answers with money as decimal strings and the position it is exact at", async () => {
  const answer = answerOf(await run("report", "total-sales", "--grain", "all", "--json"));
  expect(answer).toMatchObject({
    report: "total-sales",
    as_of: { seq: 1, by: { sales: 1 } },
    rows: [{ period: null, currency: "USD", sales: 1, revenue: "250.10", outstanding: "0.00" }],
  });
  expect(Object.keys(answer as object)).toEqual(["report", "params", "as_of", "columns", "rows"]);
});

test("the CSV has the same rows, and nothing else on standard output", async () => {
  const { code, stdout } = await spawned(["report", "cash-received", "--format", "csv"], {
    DATABASE_URL: database.url,
    JUKEBASE_HOME: home,
  });
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: "period,currency,payments,amount,unattributed\r\n2026-02-01,USD,1,250.10,0.00\r\n",
  });
});

test("a file is written in the format of its ending, and a program is told where", async () => {
  const out = join(home, "sales.csv");
  expect(answerOf(await run("report", "total-sales", "--grain", "all", "--out", out, "--json"))).toEqual({
    report: "total-sales",
    out,
    rows: 1,
  });
  expect(await readFile(out, "utf8")).toBe(
    "period,currency,allocations,sales,revenue,open,outstanding\r\n,USD,1,1,250.10,0,0.00\r\n",
  );
});

test("a mended item is replayed and counts in the reports", async () => {
  const { items } = answerOf(await run("quarantine", "list", "--json")) as { items: { quarantine_id: string }[] };
  const id = items[0]?.quarantine_id as string;
  const body = JSON.stringify({ ...lines[5], data: { ...lines[5]?.data, PaymentAmount: 4 } });
  expect(answerOf(await run("quarantine", "fix", id, "--data", body, "--json"))).toEqual({ quarantine_id: id, issues: [] });
  expect(answerOf(await run("quarantine", "replay", id, "--json"))).toMatchObject({ taken: 1, logged: 1, left: 0 });
  expect(answerOf(await run("report", "cash-received", "--json"))).toMatchObject({ rows: [{ payments: 2, amount: "254.10" }] });
});

test("a replayed item can be mended no more: the state of things forbids it", async () => {
  const { items } = answerOf(await run("quarantine", "list", "--status", "replayed", "--json")) as {
    items: { quarantine_id: string }[];
  };
  const { code } = await run("quarantine", "fix", items[0]?.quarantine_id as string, "--data", "{}");
  expect(code).toBe(5);
});

test("the doctor finds both equations to hold", async () => {
  const healthy = await run("doctor", "--json");
  expect(healthy.code).toBe(0);
  expect(answerOf(healthy)).toMatchObject({ holds: true, database: "remote", sources: [{ received: 6, lost: 0 }], findings: [] });
});

test("the tests of marts pass, fail with their rows, and are told by the doctor", async () => {
  const good = await run("marts", "test", "--json");
  expect(good.code).toBe(0);
  const answer = answerOf(good) as { totals: Record<string, number>; tests: { name: string; status: string }[] };
  expect(Object.keys(answer)).toEqual(["run_id", "reference", "totals", "tests", "exact"]);
  expect(answer.totals).toMatchObject({ fail: 0, error: 0, not_run: 0 });
  expect(answer.tests).toContainEqual(expect.objectContaining({ name: "a removed song says when", status: "pass" }));

  const { rows } = await pool.query<{ store: string }>("select store from marts_store.mart where name = 'fct_sales'");
  await pool.query(`update marts_store."${rows[0]?.store}" set outstanding = 7`);
  const bad = await run("marts", "test", "--select", "fct_sales");
  expect(bad.code).toBe(1);
  expect(bad.stdout).toMatch(/✗ fct_sales: 2 fail, 13 pass\n {2}✗ expression_fct_sales_outstanding_is_price_minus_paid: 1 row /);
  expect(bad.stdout).toMatch(/ {6}holds when outstanding = price - paid\n {6}allocation_id=.* outstanding=7 /);
  expect(bad.stdout).toMatch(/✓ checks: 1 pass\n16 tests: 2 fail, 14 pass\.\n$/);
  expect((await run("marts", "test", "--select", "fct_sales", "--fail-fast")).stdout).toMatch(/, [1-9] not run\.\n$/);
  const { findings } = answerOf(await run("doctor", "--json")) as { findings: { what: string }[] };
  expect(findings.map(({ what }) => what)).toEqual([expect.stringContaining("2 tests of marts failed when last run")]);
  expect((await run("marts", "test", "--select", "fct_nothing")).code).toBe(4);
});

test("an event can be followed from the log to its fate", async () => {
  const tail = answerOf(await run("events", "tail", "--type", "Payment.PaymentReceived", "--json")) as {
    events: { event_id: string }[];
  };
  expect(tail.events.map(({ event_id }) => event_id)).toEqual(["p1", "p2"]);
  expect((await run("events", "show", "p9")).code).toBe(4);
});
