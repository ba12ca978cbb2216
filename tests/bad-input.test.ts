import { once } from "node:events";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestApi, testApi } from "../apps/api/api.testing.ts";
import { answerOf, called, type Ran, spawned } from "../apps/cli/commands.testing.ts";

let shop: TestApi;
let home: string;

beforeAll(async () => {
  shop = await testApi();
  home = await mkdtemp(join(tmpdir(), "jukebase-bad-"));
});

afterAll(async () => {
  await shop?.close();
  await rm(home, { recursive: true, force: true });
});

const body = (inner: string, id: string): string =>
  `{"id":"${id}","type":"Payment.PaymentReceived","data":{"PaymentAmount":5,"OccurredAt":"2026-01-01"${inner}}}`;
const bytes = (before: string, middle: readonly number[], after: string): Buffer =>
  Buffer.concat([Buffer.from(before), Buffer.from(middle), Buffer.from(after)]);
const deep = (open: string, close: string): string =>
  `{"id":"deep","type":"x","data":${open.repeat(10_000)}1${close.repeat(10_000)}}`;

/** Each is one line among sound ones, and goes to quarantine alone, under this code. */
const lines: readonly (readonly [what: string, line: Buffer, code: string])[] = [
  ["invalid UTF-8", bytes('{"id":"u","data":"', [0xc3, 0x28], '"}'), "not-utf8"],
  ["an overlong form", bytes('{"id":"o","data":"', [0xc0, 0xaf], '"}'), "not-utf8"],
  ["a surrogate in UTF-8", bytes('{"id":"s","data":"', [0xed, 0xa0, 0x80], '"}'), "not-utf8"],
  ["a raw NUL byte", bytes('{"id":"n","data":"', [0], '"}'), "nul-character"],
  ["an escaped NUL", Buffer.from(body(',"Note":"\\u0000"', "nul")), "nul-character"],
  ["a lone surrogate", Buffer.from(body(',"Note":"\\ud800"', "half")), "lone-surrogate"],
  ["a lone surrogate as a key", Buffer.from(body(',"\\udc00":1', "halfkey")), "lone-surrogate"],
  ["objects 10,000 deep", Buffer.from(deep('{"a":', "}")), "too-deep"],
  ["arrays 10,000 deep", Buffer.from(deep("[", "]")), "too-deep"],
  ["__proto__ as a key", Buffer.from(body(',"__proto__":{"PaymentAmount":1}', "proto")), "forbidden-key"],
  ["a key given twice", Buffer.from(body(',"PaymentAmount":6', "twice")), "duplicate-key"],
  [
    "100,000 keys",
    Buffer.from(body(`,${Array.from({ length: 100_000 }, (_, n) => `"${n.toString(36)}":1`)}`, "keys")),
    "too-many-keys",
  ],
  ["NaN", Buffer.from(body(',"Note":NaN', "nan")), "broken-json"],
  ["half an event", Buffer.from(body("", "cut").slice(0, 60)), "broken-json"],
  ["a text instead of an event", Buffer.from('"event"'), "not-an-object"],
  ["a type like a property of every object", Buffer.from('{"id":"c","type":"constructor","data":{}}'), "unknown-type"],
  ["a line of more than a mebibyte", Buffer.from(body(`,"Note":"${"x".repeat(1_100_000)}"`, "long")), "too-long"],
];

const amounts = ["1e400", "-1e400", '"NaN"', '"Infinity"', '"٣٤"', '"12,34"', '"0x10"', "[]", "{}", "null", "true"];

describe("one bad line", () => {
  test.each(lines)(
    "%s: is quarantined with its reason, from a file as over HTTP, and its neighbours are logged",
    async (_, line, code) => {
      const sent = Buffer.concat([Buffer.from(`${body("", `a ${code}`)}\n`), line, Buffer.from(`\n${body("", `b ${code}`)}\n`)]);
      const [load] = await ingested("line.ndjson", sent);
      expect(load).toMatchObject({ received: 3, quarantined: 1, reasons: [{ reason: code, line: 2 }] });
      const answer = await shop.post("/v1/events", sent, { "content-type": "application/x-ndjson" });
      expect(await answer.json()).toMatchObject({
        received: 3,
        quarantined: 1,
        results: [{ id: `a ${code}` }, { status: "quarantined", issues: [{ code }] }, { id: `b ${code}` }],
      });
    },
  );

  test.each(amounts)("an amount of %s is quarantined, not rounded", async (amount) => {
    const line = `{"id":"amount","type":"Payment.PaymentReceived","data":{"PaymentAmount":${amount},"OccurredAt":"2026-01-01"}}\n`;
    const [load] = await ingested("amount.ndjson", Buffer.from(line));
    expect(load).toMatchObject({ received: 1, logged: 0, quarantined: 1, reasons: [{ path: "$.PaymentAmount" }] });
    expect(await (await shop.post("/v1/events", line)).json()).toMatchObject({ received: 1, quarantined: 1 });
  });
});

describe("text that means something elsewhere", () => {
  const texts = [
    "'; drop table events.log; --",
    '<script>alert("x")</script>',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "@SUM(A1)",
    "a\nBcc: x@example.com",
    "$1 $x %s {{y}}",
    "🎷 \u202etfel \ufeff é é",
    "__proto__",
    "constructor",
  ];

  test("is kept to the letter, from a file as over HTTP", async () => {
    const events = texts.map((CustomerName, n) => ({
      id: `text-${n}`,
      type: "Sale.CustomerRegistered",
      data: { CustomerId: `text ${n}`, CustomerName, OccurredAt: "2026-01-01T00:00:00Z" },
    }));
    const [load] = await ingested("texts.ndjson", Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join("")));
    expect(load).toMatchObject({ logged: texts.length, quarantined: 0 });
    const answer = await (await shop.post("/v1/events", events)).json();
    expect(answer).toMatchObject({ accepted: texts.length, quarantined: 0 });
    const { rows } = await shop.jukebase.database.pg.query<{ name: string }>(
      `select data ->> 'CustomerName' as name
       from events.log
       where event_id like 'text-%'
       order by source, event_id`,
    );
    expect(rows.map(({ name }) => name)).toEqual([...texts, ...texts]);
  });
});

describe("a bad file", () => {
  test("an empty one is no failure: nothing was received", async () => {
    expect(await ingested("empty.ndjson", Buffer.alloc(0))).toMatchObject([{ received: 0, logged: 0, quarantined: 0 }]);
  });

  test("a line of 2 GB is one quarantined item, and what stands around it is logged", async () => {
    const path = join(home, "giant.ndjson");
    const file = await open(path, "w");
    await file.write(`${body("", "before the giant")}\n`);
    const last = Buffer.from(`\n${body("", "behind the giant")}\n`);
    await file.write(last, 0, last.length, 2 * 1024 ** 3); // Sparse: the line is all NUL bytes.
    await file.close();
    const ran = await ingest(path);
    await rm(path);
    expect(answerOf(ran)).toMatchObject({
      loads: [{ received: 3, logged: 2, quarantined: 1, reasons: [{ reason: "too-long" }] }],
    });
  }, 120_000);

  const many = Buffer.from(
    Array.from({ length: 4_000 }, (_, n) => `${body(`,"PaymentId":"${(n * 7919) % 4001}"`, `gz-${n}`)}\n`).join(""),
  );

  test("a truncated gzip is refused with a sentence, what came before its end is logged, and the whole one loads the rest", async () => {
    const packed = gzipSync(many);
    const ran = await ingestOf("cut.ndjson.gz", packed.subarray(0, packed.length - 200));
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining("ends in the middle of its compressed data") });
    const before = await logged("gz-%");
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(4_000);
    const [whole] = await ingested("whole.ndjson.gz", packed);
    expect(whole).toMatchObject({ received: 4_000, logged: 4_000 - before, duplicates: before });
  });

  test("a gzip bomb is refused", async () => {
    const ran = await ingestOf("bomb.ndjson.gz", gzipSync(Buffer.alloc(300 * 1024 * 1024)));
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining("unfolds to more than") });
  });
});

describe("a bad client", () => {
  test("one that hangs up midway has sent nothing, and the next is served", async () => {
    const { hostname, port } = new URL(shop.api.url);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    const head = `POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${shop.key.secret}\r\ncontent-type: application/x-ndjson\r\ncontent-length: 100000\r\n\r\n`;
    socket.write(`${head}${body("", "hung-up")}\n`);
    await new Promise((resolve) => socket.write(body("", "hung-up-2").slice(0, 30), resolve));
    socket.resetAndDestroy();
    const answer = await shop.post("/v1/events", body("", "served"));
    expect(await answer.json()).toMatchObject({ received: 1, accepted: 1 });
    expect(await logged("hung-up%")).toBe(0);
  });

  test.each([
    ["an empty body", Buffer.alloc(0), {}, 400],
    ["no JSON", Buffer.from("hello"), {}, 400],
    ["a gzip that is none", Buffer.from(body("", "x")), { "content-encoding": "gzip" }, 400],
    ["a truncated gzip", gzipSync(body("", "x")).subarray(0, 40), { "content-encoding": "gzip" }, 400],
    ["a gzip bomb", gzipSync(Buffer.alloc(64 * 1024 * 1024)), { "content-encoding": "gzip" }, 413],
    ["a body of 6 MiB", Buffer.alloc(6 * 1024 * 1024, 0x20), {}, 413],
    ["another media type", Buffer.from(body("", "x")), { "content-type": "text/html" }, 415],
  ] as const)("%s is refused at the door with a reason, and counts as not received", async (_, sent, headers, status) => {
    const before = await received();
    const answer = await shop.post("/v1/events", sent, { ...headers });
    expect([answer.status, await answer.json()]).toEqual([
      status,
      { error: expect.objectContaining({ message: expect.stringMatching(/\w+.*\./) }) },
    ]);
    expect(await received()).toBe(before);
  });
});

type Loaded = { readonly logged: number };

/** Writes a file and loads it, with its reasons for quarantine. */
async function ingested(name: string, content: Buffer): Promise<readonly Loaded[]> {
  const ran = await ingestOf(name, content);
  expect(ran.stderr).toBe("");
  return (answerOf(ran) as { loads: Loaded[] }).loads;
}

async function ingestOf(name: string, content: Buffer): Promise<Ran> {
  await writeFile(join(home, name), content);
  return called(...command(join(home, name)));
}

// As a process of its own, as people run it.
function ingest(path: string): Promise<Ran> {
  return spawned(...command(path));
}

function command(path: string): [string[], Record<string, string>] {
  const { config } = shop.jukebase;
  const env = { DATABASE_URL: config.databaseUrl as string, JUKEBASE_HOME: home, JUKEBASE_KEY: config.key as string };
  return [["ingest", path, "--source", "files", "--log-only", "--json"], env];
}

async function logged(like: string): Promise<number> {
  const { rows } = await shop.jukebase.database.pg.query<{ n: number }>(
    "select count(*)::int as n from events.log where event_id like $1",
    [like],
  );
  return rows[0]?.n ?? 0;
}

async function received(): Promise<number> {
  const { rows } = await shop.jukebase.database.pg.query<{ n: number }>("select sum(received)::int as n from events.batch");
  return rows[0]?.n ?? 0;
}
