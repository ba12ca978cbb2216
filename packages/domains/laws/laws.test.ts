import { projectionBalance, sourceBalances } from "@jukebase/events";
import { isBad, runChecks, runMartTests, verifyMart } from "@jukebase/marts";
import { pgExecutor } from "@jukebase/platform";
import { lawCases } from "@jukebase/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Jukebase } from "../open.ts";
import { openedForTest } from "../opened.testing.ts";
import { rebuild } from "../rebuild.ts";
import { arbitraryCase, type Sent } from "./arbitrary-case.ts";
import { difference, takePicture } from "./picture.ts";
import { forgetEach, forgetProjections, type Placed, settle, takeIn } from "./world.ts";

const casesPerRound = 50;
const besideEvery = 5;

let jukebase: Jukebase;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ jukebase, close } = await openedForTest());
});

afterAll(() => close?.());

const round = fc.record({
  cases: fc.array(arbitraryCase, { minLength: casesPerRound, maxLength: casesPerRound }),
  order: fc.infiniteStream(fc.nat()),
  repeats: fc.infiniteStream(fc.nat({ max: 9 })),
  every: fc.integer({ min: 1, max: 9 }),
});

describe("laws 1 to 4", () => {
  it(
    "hold for any events, in any order, however often they come",
    async () => {
      const rounds = Math.ceil(lawCases() / casesPerRound);
      let done = 0;
      await fc.assert(
        fc.asyncProperty(round, async ({ cases, order, repeats, every }) => {
          const placed = cases.flatMap((events, n) => withoutConflicts(events).map((event) => ({ source: `case-${n}`, event })));
          await forgetEach(jukebase);
          await takeIn(jukebase, placed, (batch) => batch % every === 0);
          await settle(jukebase);
          await nothingIsLost();
          await martsAreExact();
          const live = await takePicture(jukebase, false);
          const inOrder = await takePicture(jukebase, true);

          // Building beside copies all schemas, which takes longer than the round itself: some rounds do it, all project anew.
          if (done % besideEvery === 0) {
            const { differences } = await rebuild(jukebase, { actor: "cli:laws", verify: true });
            expect(differences, "law 3: the tables built beside equal what was live").toEqual([]);
            expect(await failingMartTests(), "the tests of the marts").toEqual([]);
          }
          done += 1;
          await forgetProjections(jukebase);
          await settle(jukebase);
          expect(difference(live, await takePicture(jukebase, false)), "law 3: a rebuild equals what was live").toBeUndefined();

          await forgetEach(jukebase);
          await takeIn(jukebase, shuffledAndRepeated(placed, order, repeats), (batch) => batch % 11 === 0);
          await settle(jukebase);
          await nothingIsLost();
          await martsAreExact();
          expect(
            difference(inOrder, await takePicture(jukebase, true)),
            "law 2: order and repetition do not matter",
          ).toBeUndefined();
        }),
        { numRuns: rounds, endOnFailure: true },
      );
    },
    lawCases() * 1000 + 60_000,
  );
});

async function nothingIsLost(): Promise<void> {
  const db = pgExecutor(jukebase.database.pg);
  const sources = await sourceBalances(db);
  expect(
    sources.filter((source) => source.lost !== 0),
    "law 1, per source",
  ).toEqual([]);
  for (const projection of jukebase.domains.flatMap((domain) => domain.projections)) {
    expect(await projectionBalance(db, projection), "law 1, per projection").toMatchObject({ lost: 0, unread: 0, parked: 0 });
  }
}

async function martsAreExact(): Promise<void> {
  for (const mart of jukebase.marts.filter(({ kind }) => kind !== "view")) {
    expect(await verifyMart(jukebase.database.pg, mart.name), "law 4").toMatchObject({ missing: 0, unexpected: 0 });
  }
  const checks = jukebase.domains.flatMap((domain) => domain.checks);
  expect(await runChecks(pgExecutor(jukebase.database.pg), checks), "the domains' own checks").toEqual([]);
}

async function failingMartTests(): Promise<object[]> {
  const { database, marts } = jukebase;
  const { results } = await runMartTests(database.pg, { marts, checks: [], askedBy: "manual" });
  return results.filter(isBad).map(({ name, error, examples }) => ({ name, error, examples }));
}

// Two events that share an id but not a body are the one exception to law 2: the first received stands.
function withoutConflicts(events: readonly Sent[]): Sent[] {
  const seen = new Map<string, Sent>();
  for (const event of events) if (!seen.has(event.id)) seen.set(event.id, event);
  return [...seen.values()];
}

// Each case's events are repeated and shuffled, cut into short runs, and the runs of all cases are mixed.
function shuffledAndRepeated(placed: readonly Placed[], order: Iterator<number>, repeats: Iterator<number>): Placed[] {
  const cases = [...Map.groupBy(placed, ({ source }) => source).values()];
  const runs = cases.flatMap((events) => {
    const many = events.flatMap((item) => (repeats.next().value === 0 ? [item, item] : [item]));
    return cut(shuffled(many, order), 4);
  });
  return shuffled(runs, order).flat();
}

function shuffled<T>(items: readonly T[], order: Iterator<number>): T[] {
  return items
    .map((item) => ({ item, key: order.next().value as number }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

function cut<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}
