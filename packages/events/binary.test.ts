import { randomUUID } from "node:crypto";
import { transaction } from "@jukebase/platform";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as binary from "./binary.ts";
import { openTestLog, type TestLog } from "./log.testing.ts";

let log: TestLog;

beforeAll(async () => {
  log = await openTestLog();
});
afterAll(() => log.close());

const instants = fc
  .tuple(
    fc.date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true }),
    fc.integer({ min: 0, max: 999_999 }),
  )
  .map(([date, micros]) =>
    `${date.toISOString().slice(0, 19)}.${String(micros).padStart(6, "0")}`
      .replace(/\.?0+$/, "")
      .replace(/(T\d\d(:\d\d)?)$/, (short) => short.padEnd(9, ":00")),
  )
  .map((text) => `${text}Z`);

test("what is written in the binary format is what Postgres reads", async () => {
  const row = fc.record({
    id: fc.uuid(),
    text: fc.string({ unit: "grapheme", maxLength: 40 }).filter((text) => !text.includes("\0") && text.isWellFormed()),
    json: fc.dictionary(fc.constantFrom("a", "b", "é"), fc.oneof(fc.integer(), fc.constantFrom("x", "ü", "😀", '"', "\\"))),
    small: fc.integer({ min: -32768, max: 32767 }),
    whole: fc.integer(),
    big: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    instant: fc.constantFrom(
      "2020-12-31T20:20:01Z",
      "2020-12-31T20:20:01.5Z",
      "0001-01-01T00:00:00.000001Z",
      "9999-12-31T23:59:59.999999Z",
    ),
    bytes: fc.uint8Array({ maxLength: 40 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), async (rows) => {
      const read = await transaction(log.database.pg, async (db) => {
        await db.query(
          "create temporary table pad (n integer, id uuid, text text, json jsonb, small smallint, whole integer, big bigint, instant timestamptz, bytes bytea, nothing text) on commit drop",
        );
        const bytes = binary.bytesFor(0);
        binary.putCopyHead(bytes);
        rows.forEach((one, n) => {
          binary.putInt16(bytes, 10);
          binary.putInteger(bytes, n);
          binary.putUuid(bytes, one.id);
          binary.putText(bytes, one.text);
          binary.putJsonb(bytes, JSON.stringify(one.json));
          binary.putSmallint(bytes, one.small);
          binary.putInteger(bytes, one.whole);
          binary.putBigint(bytes, one.big);
          binary.putInstant(bytes, one.instant);
          binary.putBytea(bytes, one.bytes);
          binary.putNull(bytes);
        });
        binary.putCopyEnd(bytes);
        await db.copyIn?.("copy pad from stdin (format binary)", binary.written(bytes));
        return db.query("select id, text, json, small, whole, big::text, instant, bytes, nothing from pad order by n");
      });
      expect(read).toEqual(rows.map((one) => ({ ...one, big: String(one.big), bytes: Buffer.from(one.bytes), nothing: null })));
    }),
    { numRuns: 50 },
  );
});

test("an instant keeps its microseconds over all years", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(instants, { minLength: 1, maxLength: 50 }), async (all) => {
      const read = await transaction(log.database.pg, async (db) => {
        await db.query("create temporary table pad (n integer, instant timestamptz) on commit drop");
        const bytes = binary.bytesFor(0);
        binary.putCopyHead(bytes);
        all.forEach((one, n) => {
          binary.putInt16(bytes, 2);
          binary.putInteger(bytes, n);
          binary.putInstant(bytes, one);
        });
        binary.putCopyEnd(bytes);
        await db.copyIn?.("copy pad from stdin (format binary)", binary.written(bytes));
        return db.query<{ same: boolean }>("select instant = ($1::timestamptz[])[n + 1] as same from pad order by n", [all]);
      });
      expect(read.every(({ same }) => same)).toBe(true);
    }),
    { numRuns: 30 },
  );
  const bytes = binary.bytesFor(0);
  expect(() => binary.putInstant(bytes, "yesterday")).toThrow("is not an instant");
});

test("a parameter of uuids is read as one", async () => {
  const uuids = Array.from({ length: 1000 }, () => randomUUID());
  const [row] = await log.db.query<{ same: boolean }>("select $1::uuid[] = $2::uuid[] as same", [binary.uuidArray(uuids), uuids]);
  expect(row).toEqual({ same: true });
});
