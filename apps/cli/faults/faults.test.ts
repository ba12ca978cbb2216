import { expect, test } from "vitest";
import { answerOf, spawned } from "../commands.testing.ts";
import { benchFaults, type FaultsResult } from "./bench-faults.ts";
import { startLiar } from "./liar.testing.ts";
import { planRound } from "./plan.ts";

const limit_ms = 600_000;

test(
  "under kills, a stopped database, a frozen worker, broken connections and a full disk nothing is lost",
  async () => {
    const ran = await spawned(["bench", "faults", "--seed", "2026", "--rounds", "1", "--kills", "3", "--rate", "120", "--json"]);
    const result = answerOf(ran) as FaultsResult;
    expect(result.invariants.filter(({ holds }) => !holds)).toEqual([]);
    expect(result.faults).toMatchObject({
      ...{ "kill-worker": 3, "kill-api": 3, "stop-postgres": 1, "freeze-worker": 1, reset: 3, "half-open": 1, latency: 1 },
      ...{ terminate: 1, "exhaust-connections": 1, "hold-locks": 1 },
    });
    expect([result.faults["fill-disk"] ?? 0, result.skipped.length].toSorted()).toEqual([0, 1]);
    expect(result.requests_acknowledged).toBeGreaterThan(10);
    expect(result).toMatchObject({ seed: 2026, holds: true });
    expect(ran.code).toBe(0);
  },
  limit_ms,
);

test(
  "an acknowledgement before the commit is found out: the events that it lost are named",
  async () => {
    const liar = await startLiar();
    try {
      const result = await benchFaults({
        ...{ seed: 5, rounds: 1, kills: 1, lines_per_s: 120, time_s: 0, only: ["kill-worker"] },
        ...{ route: liar.route, say: () => {}, stopped: () => false },
      });
      const [lost, commits] = result.invariants;
      expect(liar.lies()).toBeGreaterThan(0);
      expect(result.holds).toBe(false);
      expect(lost?.failing).toContainEqual(expect.stringMatching(/^lost: (till|shop|field)\//));
      expect(commits?.failing).toContainEqual(expect.stringMatching(/tracer-.+: committed 0 times/));
    } finally {
      await liar.close();
    }
  },
  limit_ms,
);

test("the same seed plans the same faults, another seed others", () => {
  const plan = (seed: number) => [0, 1, 2].map((round) => planRound(round, { seed, kills: 8 }));
  expect(plan(1)).toEqual(plan(1));
  expect(plan(1)).not.toEqual(plan(2));
});

test("by default five rounds hold the promised numbers of each fault", () => {
  const kinds = [0, 1, 2, 3, 4].flatMap((round) => Object.values(planRound(round, { seed: 1, kills: 8 })).flat());
  const count = Object.fromEntries([...Map.groupBy(kinds, ({ kind }) => kind)].map(([kind, all]) => [kind, all.length]));
  expect(count).toMatchObject({ "kill-worker": 40, "kill-api": 40, "stop-postgres": 5, "freeze-worker": 3 });
  const dropped = ["reset", "half-open", "latency", "terminate"].reduce((sum, kind) => sum + (count[kind] ?? 0), 0);
  expect(dropped).toBeGreaterThanOrEqual(20);
});

test("a fault that nobody knows is bad input", async () => {
  const ran = await spawned(["bench", "faults", "--only", "earthquake"]);
  expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('There is no fault "earthquake". Known: kill-worker') });
});
