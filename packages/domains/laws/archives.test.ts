import { projectionBalance, purgeArchives, restoreOpening, runArchive, sourceBalances, withArchives } from "@jukebase/events";
import { receivedIn } from "@jukebase/events/archive/archive.testing.ts";
import { pgExecutor, transaction } from "@jukebase/platform";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Jukebase } from "../open.ts";
import { openedForTest } from "../opened.testing.ts";
import { arbitraryCase, type Sent } from "./arbitrary-case.ts";
import { difference, type Picture, takePicture } from "./picture.ts";
import { forgetAll, forgetProjections, type Placed, settle, tablesOf, takeIn } from "./world.ts";

let jukebase: Jukebase;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ jukebase, close } = await openedForTest({ connections: 4 }));
});

afterAll(() => close?.());

const world = fc.record({
  cases: fc.array(arbitraryCase, { minLength: 25, maxLength: 25 }),
  cut: fc.integer({ min: 1, max: 9 }),
});

describe("laws 1 to 3 with archives", () => {
  it("hold when a part of any events was archived before the others came, and when it was purged after", async () => {
    await fc.assert(
      fc.asyncProperty(world, async ({ cases, cut }) => {
        const placed = cases.flatMap((events, n) => distinct(events).map((event) => ({ source: `case-${n}`, event })));
        // Every case is cut in two, so that later events change what is archived.
        const early = placed.filter((_, n) => n % 10 < cut);
        const late = placed.filter((_, n) => n % 10 >= cut);

        await begin();
        await takeIn(jukebase, early, () => false);
        await takeIn(jukebase, late, (batch) => batch % 3 === 0);
        await settle(jukebase);
        const unarchived = await takePicture(jukebase, true);

        await begin();
        await archiveThen(early, late);
        await nothingIsLost();
        const live = await takePicture(jukebase, false);
        const inFiles = await withArchives(jukebase, () => takePicture(jukebase, true));
        expect(difference(unarchived, inFiles), "archiving changes nothing").toBeUndefined();

        await withArchives(jukebase, async () => {
          await forgetProjections(jukebase);
          await settle(jukebase);
        });
        expect(difference(live, await takePicture(jukebase, false)), "law 3, archives included").toBeUndefined();
        await nothingIsLost();

        const projections = jukebase.domains.flatMap((domain) => domain.projections);
        await purgeArchives({ ...jukebase, projections }, { before: "2025-06", why: "a test", actor: "cli:test" });
        await settle(jukebase);
        await startFromOpening();
        await settle(jukebase);
        expect(
          difference(withoutOpening(live), withoutOpening(await takePicture(jukebase, false))),
          "law 3 from the opening state",
        ).toBeUndefined();
        await nothingIsLost();
      }),
      { numRuns: 3, endOnFailure: true },
    );
  }, 600_000);
});

async function begin(): Promise<void> {
  await jukebase.database.pg.query("truncate events.archive, events.purge cascade");
  await jukebase.database.pg.query("delete from events.checkpoint where generation <> 1");
  await forgetAll(jukebase);
}

async function archiveThen(early: readonly Placed[], late: readonly Placed[]): Promise<void> {
  await takeIn(jukebase, early, () => false);
  await receivedIn(pgExecutor(jukebase.database.pg), "2025-03");
  await settle(jukebase);
  const [outcome] = await runArchive(jukebase, { before: "2025-04", actor: "cli:test" });
  expect(outcome).toMatchObject({ partition: "log_2025_03", left: undefined });
  await takeIn(jukebase, late, (batch) => batch % 3 === 0);
  await settle(jukebase);
}

async function startFromOpening(): Promise<void> {
  const tables = await tablesOf(jukebase);
  await transaction(jukebase.database.pg, async (db) => {
    await db.query(`truncate ${tables.join(", ")}`);
    for (const table of ["waiting", "parked"]) await db.query(`delete from events.${table} where generation = 1`);
    for (const projection of jukebase.domains.flatMap((domain) => domain.projections))
      await restoreOpening(db, projection, { schema: projection.schema, generation: 1 });
  });
}

async function nothingIsLost(): Promise<void> {
  const db = pgExecutor(jukebase.database.pg);
  expect((await sourceBalances(db)).filter(({ lost }) => lost !== 0)).toEqual([]);
  for (const projection of jukebase.domains.flatMap((domain) => domain.projections))
    expect(await projectionBalance(db, projection)).toMatchObject({ lost: 0, unread: 0, parked: 0 });
}

// The opening state's own rows (generation 0) stand beside the live ones.
function withoutOpening(picture: Picture): Picture {
  return new Map([...picture].map(([relation, rows]) => [relation, rows.filter((row) => !row.includes('"generation": 0'))]));
}

function distinct(events: readonly Sent[]): Sent[] {
  return [...new Map(events.map((event) => [event.id, event])).values()];
}
