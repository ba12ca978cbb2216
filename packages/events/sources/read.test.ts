import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ReadOptions, readReceived } from "./read.ts";
import { chunked, collect, outcomes, readAll } from "./reading.testing.ts";

const envelope = (id: number) => ({ type: "A.B", id, data: { text: `é, "${id}" }{][\\` } });
const envelopes = [envelope(1), envelope(2), envelope(3)];
const ndjson: ReadOptions = { format: "ndjson" };
const json: ReadOptions = { format: "json" };
const csv: ReadOptions = {
  format: "csv",
  mapping: { source: "s", kind: "facts", type: "A.B", header: ["a", "b"], data: { A: { column: "a" }, B: { column: "b" } } },
};
const fixed: ReadOptions = {
  format: "fixed",
  mapping: { source: "s", kind: "facts", type: "A.B", columns: [{ name: "a", start: 2, end: 4 }], data: { A: { column: "a" } } },
};

describe("lines of JSON", () => {
  test("are events, each with its line, its bytes and where reading can resume", async () => {
    const received = await readAll('{"type":"a"}\r\n\n  \t\r\n{"type":"é"}', ndjson);
    expect(received.map(({ line, end, bytes }) => [line, end, Buffer.from(bytes).toString()])).toEqual([
      [1, 14, '{"type":"a"}'],
      [4, 33, '{"type":"é"}'],
    ]);
  });

  test("may begin with a byte order mark, and there may be none at all", async () => {
    const [first] = await readAll('\ufeff{"type":"a"}\n', ndjson, 1);
    expect(first).toMatchObject({ end: 16, outcome: { ok: true, envelope: { type: "a" } } });
    expect(await readAll("", ndjson)).toEqual([]);
    expect(await readAll("\ufeff", json)).toEqual([]);
  });

  test("that are broken are received like the others", async () => {
    const lines = ['{"type":"a"}', "{", '{"a":1,}', "[1]", "7", '{"type":"b"}'].join("\n");
    expect(outcomes(await readAll(lines, ndjson))).toEqual([
      { type: "a" },
      "broken-json",
      "trailing-comma",
      "not-an-object",
      "not-an-object",
      { type: "b" },
    ]);
  });

  test.each([[[0xc0, 0xaf]], [[0xed, 0xa0, 0x80]], [[0xff]], [[0xc3]]])(
    "of bytes that are not UTF-8 are told: %j",
    async (bad) => {
      const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bad), Buffer.from('"}\n{}')]);
      const received = await readAll(bytes, ndjson);
      expect(outcomes(received)).toEqual(["not-utf8", {}]);
      expect(received[0]?.bytes).toHaveLength(8 + bad.length);
    },
  );

  test("that are bare bodies take the type that is given; envelopes keep theirs", async () => {
    const lines = '{"PaymentId":"1","type":"card"}\n{"type":"A.B","data":{}}\n{"type":"A.B","retracts":"1"}';
    expect(outcomes(await readAll(lines, { ...ndjson, type: "C.D" }))).toEqual([
      { type: "C.D", data: { PaymentId: "1", type: "card" } },
      { type: "A.B", data: {} },
      { type: "A.B", retracts: "1" },
    ]);
  });

  test("round-trip whatever JSON value they carry", async () => {
    const carried = fc
      .jsonValue({ stringUnit: "grapheme", maxDepth: 4 })
      .map((value) => JSON.parse(JSON.stringify(value)) as unknown);
    await fc.assert(
      fc.asyncProperty(fc.array(carried, { maxLength: 5 }), fc.integer({ min: 1, max: 40 }), async (values, size) => {
        const lines = values.map((data) => JSON.stringify({ type: "A.B", data }));
        fc.pre(!lines.some((line) => line.includes("__proto__") || /\d{16}|\de[+-]?\d/.test(line)));
        expect(outcomes(await readAll(lines.join("\n"), ndjson, size))).toEqual(values.map((data) => ({ type: "A.B", data })));
      }),
    );
  });
});

describe("what is too long", () => {
  const long = `{"a":"${"x".repeat(300_000)}"}`;
  test.each([
    ["lines", ndjson, `{}\n${long}\n{}`],
    ["elements", json, `[{},${long},{}]`],
    ["records", csv, `x,y\n"${long.replaceAll('"', "")}",y\nx,y`],
  ])("is skipped among %s, and its first 64 KiB are kept", async (_, options, content) => {
    const received = await readAll(content, { ...options, maxBytes: 200_000 }, 10_000);
    expect(received.map(({ outcome }) => outcome.ok || outcome.issues[0]?.code)).toEqual([true, "too-long", true]);
    expect(received[1]?.bytes).toHaveLength(64 * 1024);
  });

  test("is never held in memory", async () => {
    const block = Buffer.alloc(1024 * 1024, "x");
    const endless = async function* () {
      for (let count = 0; count < 300; count += 1) yield block;
    };
    const before = process.memoryUsage().arrayBuffers;
    const received = await collect(readReceived(endless(), ndjson));
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ end: 300 * 1024 * 1024, outcome: { ok: false } });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * 1024 * 1024);
  });

  test("hides nothing behind blanks", async () => {
    expect(outcomes(await readAll(`${" ".repeat(2000)}{}`, { ...ndjson, maxBytes: 1000 }))).toEqual(["too-long"]);
  });
});

describe("a JSON file", () => {
  test.each([
    ["an array", JSON.stringify(envelopes)],
    ["a pretty-printed array", JSON.stringify(envelopes, null, 2)],
    ["values one after the other", envelopes.map((event) => JSON.stringify(event, null, 2)).join("\n")],
    ["an array with a comma too many", `[${envelopes.map((event) => JSON.stringify(event)).join(",")},]`],
  ])("holds its events as %s", async (_, content) => {
    expect(outcomes(await readAll(content, json))).toEqual(envelopes);
  });

  test("of one pretty-printed object is one event", async () => {
    const received = await readAll(`\n${JSON.stringify(envelope(7), null, 2)}\n`, json);
    expect(received.map(({ line }) => line)).toEqual([2]);
    expect(outcomes(received)).toEqual([envelope(7)]);
  });

  test("with one broken element still gives the others", async () => {
    const content = '[{"a":1},{"b":"no end},\n{"c":3}},{"d":4,},7,"x,]",{"e":5}]';
    expect(outcomes(await readAll(content, json))).toEqual([
      { a: 1 },
      "broken-json",
      "trailing-comma",
      "not-an-object",
      "not-an-object",
      { e: 5 },
    ]);
  });

  test("that was cut off says so", async () => {
    expect(outcomes(await readAll('[{"a":1},{"b"', json))).toEqual([{ a: 1 }, "broken-json"]);
    expect(outcomes(await readAll('[{"a":1},', json))).toEqual([{ a: 1 }, "cut-off"]);
  });
});

describe("whatever the bytes", () => {
  const samples = [
    { options: ndjson, content: envelopes.map((event) => JSON.stringify(event)).join("\r\n") },
    { options: json, content: JSON.stringify(envelopes, null, 1) },
    { options: csv, content: '1,"a ""b"", c"\r\n2,"two\nlines"\n3,é\n' },
    { options: fixed, content: " abc\n dé\u{1f3b5} \r\n xyz" },
  ];
  const scraps = fc.oneof(fc.constantFrom(...Buffer.from('"\\{}[],\n\r\0 ')), fc.integer({ min: 0, max: 255 }));
  const mutated = fc
    .record({
      sample: fc.constantFrom(...samples),
      changes: fc.array(fc.tuple(fc.nat(), scraps, fc.constantFrom("set", "drop", "add")), { maxLength: 4 }),
    })
    .map(({ sample, changes }) => {
      const bytes = [...Buffer.from(sample.content)];
      for (const [at, byte, how] of changes)
        bytes.splice(at % (bytes.length + 1), how === "add" ? 0 : 1, ...(how === "drop" ? [] : [byte]));
      return { options: { ...sample.options, maxBytes: 60 }, bytes: Uint8Array.from(bytes) };
    });

  test("reading never throws, and goes forward", async () => {
    await fc.assert(
      fc.asyncProperty(mutated, async ({ options, bytes }) => {
        const ends = (await readAll(bytes, options)).map(({ end }) => end);
        expect(ends).toEqual(ends.toSorted((a, b) => a - b));
        expect(ends.at(-1) ?? 0).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });

  test("it never matters how they fall into chunks", async () => {
    await fc.assert(
      fc.asyncProperty(mutated, fc.integer({ min: 1, max: 20 }), async ({ options, bytes }, size) => {
        expect(await readAll(bytes, options, size)).toEqual(await readAll(bytes, options));
      }),
      { numRuns: 500 },
    );
  });

  test("reading resumed at any end gives the same remainder", async () => {
    await fc.assert(
      fc.asyncProperty(mutated, async ({ options, bytes }) => {
        const all = await readAll(bytes, options);
        for (const [at, { end }] of all.entries()) {
          const rest = all.slice(at + 1).filter((later) => later.end > end);
          expect(await readAll(bytes, { ...options, from: end })).toEqual(rest);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("a reader that stops early closes its input", async () => {
    let closed = false;
    const input = async function* () {
      try {
        yield* chunked("{}\n{}\n", 3);
      } finally {
        closed = true;
      }
    };
    for await (const _ of readReceived(input(), ndjson)) break;
    expect(closed).toBe(true);
  });
});
