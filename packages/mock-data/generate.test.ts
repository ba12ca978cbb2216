import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decimal } from "decimal.js";
import { expect, test } from "vitest";
import { type GenerateOptions, generate } from "./generate.ts";
import { readBack } from "./jukebox/read-back.ts";
import { shuffled } from "./shuffle.ts";
import { computeTruth } from "./truth/compute-truth.ts";
import { threeRewards } from "./truth/mini-world.ts";
import type { TruthRow } from "./truth/truth.ts";
import { waitingCounts } from "./truth/waiting.ts";
import { writeScenario } from "./write-scenario.ts";

const options = (over: Partial<GenerateOptions> = {}): GenerateOptions => ({
  scenario: "jukebox",
  scale: "small",
  seed: 42,
  rules: threeRewards,
  ...over,
});

async function made(over: Partial<GenerateOptions> = {}) {
  const { events, truth } = generate(options(over));
  const lines: string[] = [];
  for await (const line of events) lines.push(line);
  return { lines, truth: truth() };
}

test("the same seed gives the same bytes, another seed another world", async () => {
  const [one, again, other] = [await made(), await made(), await made({ seed: 43 })];
  expect(again).toEqual(one);
  expect(other.lines).not.toEqual(one.lines);
});

test("the truth is not told before the last line", () => {
  expect(() => generate(options()).truth()).toThrow("read all events first");
});

test.each([1, 2, 3])("a small world of seed %i has ten thousand lines, give or take a few", async (seed) => {
  const { lines, truth } = await made({ seed });
  expect(Math.abs(lines.length - 10_000)).toBeLessThan(300);
  expect(truth.counts.lines).toBe(lines.length);
});

test("the lines, read plainly, say what the truth says", async () => {
  const { lines, truth } = await made();
  const { facts, tallies, duplicates, refused } = readBack(lines);
  expect(computeTruth(facts, tallies, threeRewards)).toEqual({ reports: truth.reports, money: truth.money, plays: truth.plays });
  expect(waitingCounts(facts)).toEqual(truth.counts.waiting);
  expect(duplicates).toBe(truth.counts.duplicates);
  expect(refused).toBe(total(truth.counts.quarantined));
  expect(truth.counts.lines).toBe(truth.counts.accepted + duplicates + refused);
});

test("without conflicts the lines say the same in any order", async () => {
  const { lines, truth } = await made({ conflicts: false });
  const { facts, tallies } = readBack(shuffled(lines, 5));
  expect(computeTruth(facts, tallies, threeRewards)).toEqual({ reports: truth.reports, money: truth.money, plays: truth.plays });
  expect(truth.counts.quarantined.conflict).toBeUndefined();
});

test("a world has every disturbance, children before their parents among them", async () => {
  const { lines, truth } = await made({ seed: 8 });
  const found = (part: string): number => lines.filter((line) => line.includes(part)).length;
  expect(Object.values(truth.counts.waiting).every((count) => count > 0)).toBe(true);
  expect(truth.counts.duplicates / lines.length).toBeCloseTo(0.01, 2);
  for (const part of [
    '"retracts"',
    '"amends"',
    '"Payment":{',
    '"PaymentTerms"',
    '"$',
    '"EUR"',
    "+02:00",
    '"SongCompletedTime"',
    '"version":1',
  ])
    expect(found(part), part).toBeGreaterThan(0);
  const registered = new Map(lines.map((line, index) => [/CustomerRegistered.*"CustomerId":" ?"?(\d+)/.exec(line)?.[1], index]));
  const early = lines.filter(
    (line, index) => index < (registered.get(/LocationRegistered.*"CustomerId":"(\d+)/.exec(line)?.[1] ?? "none") ?? 0),
  );
  expect(early.length).toBeGreaterThan(0);
});

test("rewards of a month never exceed the rules' total, and every currency's books add up", async () => {
  const { truth } = await made();
  for (const { rows } of truth.reports["agent-rewards"] ?? []) {
    for (const own of Map.groupBy(
      rows.filter((row) => row.agent_id !== null),
      (row) => row.month,
    ).values())
      expect(Number(sum(own, "reward"))).toBeLessThanOrEqual(900);
  }
  for (const row of truth.money) {
    const received = truth.reports["cash-received"]?.[0]?.rows.filter((month) => month.currency === row.currency) ?? [];
    expect(sum(received, "amount")).toBe(row.received);
    expect(sum(received, "unattributed")).toBe(row.unattributed);
    expect(sum([row], "applied", "credit", "unattributed")).toBe(row.received);
  }
  for (const row of truth.reports["total-sales"]?.[0]?.rows ?? []) {
    const products = truth.reports["product-sales"]?.[0]?.rows.filter((product) => product.currency === row.currency) ?? [];
    expect(sum(products, "revenue")).toBe(row.revenue);
    expect(Number(row.sales) + Number(row.open)).toBe(row.allocations);
  }
});

test("a scenario is written as two files", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mock-data-"));
  const progress: number[] = [];
  const written = await writeScenario(folder, options(), (lines) => progress.push(lines));
  const text = await readFile(written.events, "utf8");
  expect(text.trimEnd().split("\n")).toEqual((await made()).lines);
  expect(JSON.parse(await readFile(written.truth, "utf8"))).toEqual(written.content);
  expect(progress.at(-1)).toBe(written.content.counts.lines);
  await rm(folder, { recursive: true });
});

function sum(rows: readonly TruthRow[], ...columns: string[]): string {
  return rows
    .flatMap((row) => columns.map((column) => String(row[column])))
    .reduce((left, value) => left.plus(value), new Decimal(0))
    .toFixed(2);
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((left, value) => left + value, 0);
}
