import { expect, test } from "vitest";
import { instantOf } from "../instants.ts";
import { computeTruth } from "./compute-truth.ts";
import type { Allocation, Payment } from "./facts.ts";
import { allocated, miniWorld, paid, threeRewards } from "./mini-world.ts";
import { playTallies } from "./play-tallies.ts";
import { rulesInForce } from "./reward-rules.ts";

type Plays = readonly (readonly [deviceId: string | undefined, on: string, count: number, completed?: boolean])[];

function rewards(allocations: readonly Allocation[], plays: Plays, reading = 0, payments: readonly Payment[] = []) {
  const facts = miniWorld({ allocations, payments });
  const tallies = playTallies(facts);
  for (const [deviceId, on, count, completed = true] of plays)
    for (let left = count; left > 0; left -= 1) tallies.of(deviceId)(instantOf(on), completed);
  const truth = computeTruth(facts, tallies.rows(), threeRewards);
  const rows = truth.reports["agent-rewards"]?.[reading]?.rows ?? [];
  return { plays: truth.plays, rows: rows.map((row) => [row.month, row.agent_id, row.plays, row.rank, row.reward]) };
}

const device = (deviceId: string, agentId: string, over: Partial<Allocation> = {}) =>
  allocated({ deviceId, agentId, agentName: agentId, ...over });
const month = "2025-02-01";

test("agents are ranked by the plays on their devices", () => {
  const allocations = [device("d1", "a1"), device("d2", "a2"), device("d3", "a2"), device("d4", "a4"), device("d5", "a5")];
  const plays: Plays = [
    ["d1", "2025-02-03", 5],
    ["d2", "2025-02-03", 4],
    ["d3", "2025-02-28", 3],
    ["d4", "2025-02-03", 2],
    ["d5", "2025-02-03", 1],
  ];
  expect(rewards(allocations, plays).rows).toEqual([
    [month, "a2", 7, 1, "500.00"],
    [month, "a1", 5, 2, "300.00"],
    [month, "a4", 2, 3, "100.00"],
    [month, "a5", 1, 4, "0.00"],
  ]);
});

test("agents who tie share the rewards of their ranks, and the next rank is left out", () => {
  const allocations = [device("d1", "a1"), device("d2", "a2"), device("d3", "a3")];
  expect(
    rewards(allocations, [
      ["d1", "2025-02-03", 5],
      ["d2", "2025-02-03", 5],
      ["d3", "2025-02-03", 1],
    ]).rows,
  ).toEqual([
    [month, "a1", 5, 1, "400.00"],
    [month, "a2", 5, 1, "400.00"],
    [month, "a3", 1, 3, "100.00"],
  ]);
});

test("a reward that does not divide gives its cents to the first agents in byte order of their ids", () => {
  const allocations = [device("d1", "a1"), device("d2", "a2"), device("d3", "9"), device("d4", "10"), device("d5", "B")];
  const plays: Plays = [
    ["d1", "2025-02-03", 9],
    ["d2", "2025-02-03", 8],
    ["d3", "2025-02-03", 1],
    ["d4", "2025-02-03", 1],
    ["d5", "2025-02-03", 1],
  ];
  expect(rewards(allocations, plays).rows.slice(2)).toEqual([
    [month, "10", 1, 3, "33.34"],
    [month, "9", 1, 3, "33.33"],
    [month, "B", 1, 3, "33.33"],
  ]);
});

test("a device reallocated within the month counts for each agent from the day it was theirs, for nobody before the first", () => {
  const allocations = [
    device("d1", "a1"),
    device("d1", "a2", { at: instantOf("2025-02-15"), eventId: "again", locationId: "l3" }),
  ];
  const { rows, plays } = rewards(allocations, [
    ["d1", "2025-01-09", 7],
    ["d1", "2025-02-14", 3],
    ["d1", "2025-02-15", 2],
    [undefined, "2025-02-15", 4],
  ]);
  expect(rows).toEqual([
    ["2025-01-01", null, 7, null, null],
    [month, "a1", 3, 1, "500.00"],
    [month, "a2", 2, 2, "300.00"],
    [month, null, 4, null, null],
  ]);
  expect(plays).toEqual([
    { month: "2025-01-01", plays: 7, completed: 7, unattributed: 7 },
    { month, plays: 9, completed: 9, unattributed: 4 },
  ]);
});

test("only completed plays, only sold devices and the single most used device are readings of their own", () => {
  const allocations = [device("d1", "a1"), device("d2", "a2"), device("d3", "a2")];
  const plays: Plays = [
    ["d1", "2025-02-03", 4, false],
    ["d1", "2025-02-03", 1],
    ["d2", "2025-02-03", 3],
    ["d3", "2025-02-03", 3],
  ];
  const reading = (index: number) => rewards(allocations, plays, index, [paid("1000.00", "2025-06-01", { deviceId: "d1" })]).rows;
  expect(reading(1)).toEqual([
    [month, "a2", 6, 1, "500.00"],
    [month, "a1", 1, 2, "300.00"],
  ]);
  expect(reading(2)).toEqual([[month, "a1", 5, 1, "500.00"]]);
  expect(reading(3)).toEqual([
    [month, "a1", 5, 1, "500.00"],
    [month, "a2", 3, 2, "300.00"],
  ]);
});

test("the rules of a month are those in force on its first day", () => {
  const later = { valid_from: "2025-02-02", rank: 1, amount: "900", currency: "USD" };
  expect(rulesInForce([...threeRewards, later], "2025-02-01")).toEqual(threeRewards);
  expect(rulesInForce([...threeRewards, later], "2025-03-01")).toEqual([later]);
  expect(rulesInForce([later], "2025-02-01")).toEqual([]);
});
