import { expect, test } from "vitest";
import { randomStream, weightedIndex } from "./random.ts";
import { duplicated, shuffled } from "./shuffle.ts";

const draws = (seed: number, name: string) => Array.from({ length: 5 }, randomStream(seed, name).next);

test("a stream is fixed by seed and name", () => {
  expect(draws(1, "plays")).toEqual(draws(1, "plays"));
  expect(draws(1, "plays")).not.toEqual(draws(2, "plays"));
  expect(draws(1, "plays")).not.toEqual(draws(1, "songs"));
});

test("indexes are drawn in proportion to their weights", () => {
  const random = randomStream(7, "test");
  const pick = weightedIndex([1, 2, 7]);
  const picked = Array.from({ length: 10_000 }, () => pick(random.next()));
  const shares = [0, 1, 2].map((index) => picked.filter((value) => value === index).length / picked.length);
  expect(shares[0]).toBeCloseTo(0.1, 1);
  expect(shares[1]).toBeCloseTo(0.2, 1);
  expect(shares[2]).toBeCloseTo(0.7, 1);
});

test("shuffling keeps every line, and duplicating adds the share", () => {
  const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}`);
  expect(shuffled(lines, 3)).not.toEqual(lines);
  expect(shuffled(lines, 3).toSorted()).toEqual(lines.toSorted());
  const more = duplicated(lines, 3, 0.2);
  expect(new Set(more).size).toBe(1000);
  expect(more.length).toBeGreaterThan(1150);
  expect(more.length).toBeLessThan(1250);
});
