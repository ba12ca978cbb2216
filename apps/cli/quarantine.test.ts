import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtDatabase } from "@jukebase/domains/built.testing.ts";
import type { TestDatabase } from "@jukebase/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerOf, called } from "./commands.testing.ts";

let database: TestDatabase;
let home: string;

const payment = (id: string, data: object) => ({
  type: "Payment.PaymentReceived",
  id,
  data: { DeviceId: "D1", OccurredAt: "2026-01-05", ...data },
});
const events = [
  ...["a", "b", "c"].map((id) => payment(id, { Amount: "12,50" })),
  payment("d", { PaymentAmount: "-1" }),
  { type: "Sale.LocationRegistered", id: "l", data: { LocationId: "L1", CustomerId: "C9", OccurredAt: "2026-01-05" } },
];

beforeAll(async () => {
  database = await builtDatabase();
  home = await mkdtemp(join(tmpdir(), "jukebase-quarantine-"));
  const file = join(home, "till.ndjson");
  await writeFile(file, events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  await run("ingest", file, "--source", "till");
});
afterAll(async () => {
  await database?.drop();
  await rm(home, { recursive: true });
});

const run = (...args: string[]) => called(args, { DATABASE_URL: database.url, JUKEBASE_HOME: home });
const missing = ["--type", "Payment.PaymentReceived", "--reason", "missing"];
const expression = 'rename $.data.Amount to $.data.PaymentAmount; replace $.data.PaymentAmount "," with "."';

test("the list tells of each group how many, since when, from whom, and one of them", async () => {
  const { groups } = answerOf(await run("quarantine", "list", "--json")) as { groups: object[] };
  expect(groups[0]).toMatchObject({ reason: "missing", items: 3, sources: ["till"], sample: expect.any(String) });
  const { stdout } = await run("quarantine", "list", "--skip", "3", "--limit", "1");
  expect(stdout).toContain("missing");
});

test("a status that does not exist is bad input", async () => {
  const refused = await run("quarantine", "list", "--status", "gone");
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("discarded-value or expired")]);
});

test("a group is tried, mended, counted and replayed by its type and reason; twice is the same as once", async () => {
  const tried = answerOf(await run("quarantine", "fix", ...missing, "--expression", expression, "--dry-run", "--json"));
  expect(tried).toMatchObject({ dry_run: true, taken: 3, changed: 3, sound: 3, broken: 0 });
  expect(answerOf(await run("quarantine", "list", "--json"))).toMatchObject({ items: [{}, { mended: false }, {}, {}] });
  const shown = await run("quarantine", "fix", ...missing, "--expression", expression, "--dry-run");
  expect(shown.stdout).toContain(
    '+ {"type":"Payment.PaymentReceived","id":"a","data":{"DeviceId":"D1","OccurredAt":"2026-01-05","PaymentAmount":"12.50"}}',
  );
  const mended = answerOf(
    await run("quarantine", "fix", ...missing, "--expression", expression, "--why", "the till's comma", "--json"),
  );
  expect(mended).toEqual({ dry_run: false, taken: 3, changed: 3, sound: 3, broken: 0, reasons: {} });
  const counted = answerOf(await run("quarantine", "replay", "--source", "till", "--dry-run", "--json"));
  expect(counted).toEqual({ dry_run: true, taken: 4, logged: 3, duplicates: 0, left: 1, reasons: { negative: 1 } });
  expect(answerOf(await run("quarantine", "replay", ...missing, "--json"))).toMatchObject({ taken: 3, logged: 3, left: 0 });
  expect(answerOf(await run("quarantine", "replay", ...missing, "--json"))).toMatchObject({ taken: 0, logged: 0 });
});

test("--set puts one value at one place", async () => {
  const done = await run(
    "quarantine",
    "fix",
    "--reason",
    "negative",
    "--set",
    '$.data.PaymentAmount="1"',
    "--set",
    '$.data.Currency="EUR" if missing',
    "--json",
  );
  expect(answerOf(done)).toMatchObject({ taken: 1, changed: 1, sound: 1 });
  expect(answerOf(await run("quarantine", "replay", "--received-from", "2020-01-01", "--json"))).toMatchObject({
    taken: 1,
    logged: 1,
  });
});

test.each([
  [["quarantine", "fix"], "Give the id of an item, or --set or --expression for a group."],
  [["quarantine", "fix", "--set", "$.a=1"], "Say which items: ids, --type"],
  [["quarantine", "fix", "--type", "x", "--expression", "sett $.a = 1"], "cannot be read at character 1"],
  [["quarantine", "replay"], "Say which items: ids, --type"],
  [["quarantine", "replay", "--received-to", "soon"], '"soon" is not an instant'],
  [["quarantine", "discard", "--why", "x"], "Say which items: ids, --type"],
  [["audit", "verify", "--expect", "1"], "is not the head of an audit log"],
  [["waiting", "limit", "customer"], "Give both, a kind and --days"],
  [["waiting", "list", "--older-than", "a week"], "is not a number of days"],
])("bad input is told in a sentence: %j", async (args, sentence) => {
  const { code, stderr } = await run(...args);
  expect({ code, told: stderr.includes(sentence) ? sentence : stderr }).toEqual({ code: 2, told: sentence });
});

test("the audit log tells who did it and why, and proves itself against a head that was kept", async () => {
  const { entries } = answerOf(await run("audit", "list", "--action", "quarantine.mend-group", "--json")) as {
    entries: object[];
  };
  expect(entries).toMatchObject([
    { why: null },
    { actor: expect.stringMatching(/^cli:./), why: "the till's comma", after: { changed: 3 } },
  ]);
  const proof = answerOf(await run("audit", "verify", "--json")) as { entries: number; head: string };
  expect(proof).toMatchObject({ holds: true, broken: [] });
  const head = `${proof.entries}:${proof.head}`;
  expect((await run("audit", "verify")).stdout).toContain(`Keep this head elsewhere: ${head}`);
  expect((await run("audit", "verify", "--expect", head)).code).toBe(0);
  const cut = await run("audit", "verify", "--expect", `${proof.entries + 1}:${proof.head}`);
  expect(cut).toMatchObject({ code: 1, stdout: expect.stringContaining("is not there any more") });
  const other = await run("audit", "verify", "--expect", `1:${"0".repeat(64)}`);
  expect(other).toMatchObject({ code: 1, stdout: expect.stringContaining("has another hash") });
});

test("what waits is listed under its parent, and the limit is set and told", async () => {
  expect(answerOf(await run("waiting", "list", "--json"))).toMatchObject({
    parents: [{ kind: "customer", id: "C9", events: 1, orphans: 0 }],
  });
  expect(answerOf(await run("waiting", "list", "--older-than", "7d", "--json"))).toMatchObject({ parents: [] });
  expect(answerOf(await run("waiting", "limit", "customer", "--days", "14", "--json"))).toEqual({
    limits: [{ kind: "customer", days: 14 }],
  });
  expect((await run("audit", "list", "--object", "waiting: customer")).stdout).toContain("waiting.limit");
});
