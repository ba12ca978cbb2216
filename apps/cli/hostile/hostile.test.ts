import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomStream } from "@jukebase/mock-data/random.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerOf, spawned } from "../commands.testing.ts";
import type { HostileResult } from "./bench-hostile.ts";
import { segmentsOf } from "./count.ts";
import { mutatorOf } from "./mutate.ts";

let database: TestDatabase;
let home: string;

beforeAll(async () => {
  database = await testDatabase();
  home = await mkdtemp(join(tmpdir(), "jukebase-hostile-"));
});

afterAll(async () => {
  await database.drop();
  await rm(home, { recursive: true, force: true });
});

test("hostile inputs are each answered, counted and kept, in bounded memory", async () => {
  const env = { DATABASE_URL: database.url, JUKEBASE_HOME: home };
  const ran = await spawned(["bench", "hostile", "--inputs", "20000", "--seed", "2026", "--giant", "256", "--json"], env);
  const result = answerOf(ran) as HostileResult;
  expect(result.invariants.filter(({ holds }) => !holds)).toEqual([]);
  expect(result.inputs).toBeGreaterThan(20_000);
  expect(result.logged + result.duplicates + result.quarantined).toBe(result.inputs);
  expect(Math.min(result.logged, result.duplicates, result.quarantined, result.bytes_compared)).toBeGreaterThan(0);
  expect(ran.code).toBe(0);
}, 240_000);

test("the same seed gives the same inputs, byte for byte", () => {
  const line = '{"id":"a","type":"Payment.PaymentReceived","data":{"PaymentAmount":1,"OccurredAt":"2026-01-01"}}';
  const inputs = (seed: number): string[] => {
    const mutate = mutatorOf([line], randomStream(seed, "hostile"), true);
    return Array.from({ length: 500 }, (_, n) => mutate(n).toString("base64"));
  };
  expect(inputs(1)).toEqual(inputs(1));
  expect(inputs(1)).not.toEqual(inputs(2));
});

test("the sender counts lines by their ends, blank ones not", () => {
  const segments = segmentsOf(Buffer.from("a\r\n \t\r\n\nb\0\n\r\nc"));
  expect(segments.map(String)).toEqual(["a", "b\0", "c"]);
});
