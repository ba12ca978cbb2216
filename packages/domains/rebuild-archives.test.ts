import {
  aloneWithArchives,
  archives,
  openingSeq,
  projectionBalance,
  purgeArchives,
  runArchive,
  sizeOfArchives,
  withArchives,
} from "@jukebase/events";
import { receivedIn } from "@jukebase/events/archive/archive.testing.ts";
import { Conflict, pgExecutor } from "@jukebase/platform";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { arbitraryCase, type Sent } from "./laws/arbitrary-case.ts";
import { difference, type Picture, takePicture } from "./laws/picture.ts";
import { forgetAll, type Placed, settle, takeIn } from "./laws/world.ts";
import type { Jukebase } from "./open.ts";
import { openedForTest } from "./opened.testing.ts";
import { openRecord, recentRebuilds } from "./rebuild/record.ts";
import type { RebuildSizes } from "./rebuild/size.ts";
import { abortRebuild, type RebuildOptions, rebuild } from "./rebuild.ts";

let jukebase: Jukebase;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ jukebase, close } = await openedForTest({ connections: 4 }));
});
beforeEach(async () => {
  await rows("truncate events.archive, events.purge cascade");
  await rows("delete from events.checkpoint where generation <> 1");
  await forgetAll(jukebase);
});
afterEach(async () => expect(await standing()).toEqual([]));
afterAll(() => close?.());

const actor = "cli:test";
const payment = (id: string, PaymentAmount: number, more: object = {}): Sent => ({
  id,
  type: "Payment.PaymentReceived",
  data: { PaymentAmount, OccurredAt: "2025-03-01T00:00:00Z" },
  ...more,
});

describe("a rebuild of a log of which a month is archived", () => {
  it("equals what is live, also where later events change archived ones, and the month is out of the log again", async () => {
    await archiveAMonthOf(manyCases(11), 6);
    const live = await takePicture(jukebase, false);
    expect(await rebuild(jukebase, { actor, verify: true })).toMatchObject({ swapped: false, differences: [] });
    expect(await standing()).toEqual([]);
    expect(await rebuild(jukebase, { actor })).toMatchObject({ swapped: true, events: await logged() });
    expect(difference(live, await takePicture(jukebase, false))).toBeUndefined();
    await nothingIsLost();
  });

  it("says first what it reads from archives and that their room comes to the tables'", async () => {
    await take(payment("a", 5));
    await settle(jukebase);
    const sizes: RebuildSizes[] = [];
    const onStart = (size: RebuildSizes): void => void sizes.push(size);
    await rebuild(jukebase, { actor, verify: true, onStart });
    await archiveAMonthOf(till(payment("b", 6), payment("c", 7), payment("d", 8)), 10);
    await rebuild(jukebase, { actor, verify: true, onStart });
    expect(sizes).toMatchObject([
      { events: 1, archives: { partitions: 0, rows: 0 } },
      { events: 4, archives: { partitions: 1, rows: 4 } },
    ]);
    const { unpacked } = await sizeOfArchives(jukebase);
    expect(unpacked).toBeGreaterThan(0);
    expect(sizes[1]?.bytes).toBeGreaterThanOrEqual(unpacked);
  });

  it("brings nothing back when it is told that there is no room", async () => {
    await archiveAMonthOf(till(payment("a", 5)), 10);
    const phases: string[] = [];
    const onStart = (): void => {
      throw new Conflict("no room");
    };
    const onProgress: RebuildOptions["onProgress"] = ({ phase }) => void phases.push(phase);
    await expect(rebuild(jukebase, { actor, onStart, onProgress })).rejects.toThrow("no room");
    expect(phases).toEqual([]);
    expect(await recentRebuilds(db(), 1)).toMatchObject([{ status: "failed", error: "no room" }]);
  });

  it("lets projections go on meanwhile: what changes an archived event then is counted as ever", async () => {
    await archiveAMonthOf(till(payment("a", 5), payment("b", 6)), 10);
    const onProgress: RebuildOptions["onProgress"] = async ({ phase }) => {
      if (phase !== "reading the log" || (await rows("select 1 from events.change")).length > 0) return;
      expect(await standing()).toEqual(["log_2025_03"]);
      await take({ id: "no-a", type: "Payment.PaymentReceived", retracts: "a" }, payment("b2", 9, { amends: "b" }));
      await settle(jukebase);
    };
    expect(await rebuild(jukebase, { actor, onProgress })).toMatchObject({ swapped: true });
    expect(await rows("select amount from sales.payment")).toEqual([{ amount: "9" }]);
    await nothingIsLost();
  });

  it.each(["bringing archives back", "reading the log", "what follows in sales"])(
    "leaves no archive in the log when it fails at %s",
    async (at) => {
      await archiveAMonthOf(till(payment("a", 5), payment("b", 6, { amends: "a" })), 5);
      const live = await takePicture(jukebase, false);
      const onProgress: RebuildOptions["onProgress"] = ({ phase }) => {
        if (phase.startsWith(at)) throw new Error("enough");
      };
      await expect(rebuild(jukebase, { actor, onProgress })).rejects.toThrow("enough");
      expect(await standing()).toEqual([]);
      expect(difference(live, await takePicture(jukebase, false))).toBeUndefined();
    },
  );

  it("uses again, and takes out, what a rebuild left in the log whose process was killed; ending that one takes it out too", async () => {
    await archiveAMonthOf(till(payment("a", 5), payment("b", 6)), 10);
    await killedWithin();
    expect(await standing()).toEqual(["log_2025_03"]);
    expect(await rebuild(jukebase, { actor, verify: true })).toMatchObject({ differences: [] });
    expect(await standing()).toEqual([]);
    await killedWithin();
    await abortRebuild(jukebase, actor);
    expect(await standing()).toEqual([]);
  });

  it("and archiving or purging exclude each other", async () => {
    await archiveAMonthOf(till(payment("a", 5)), 10);
    const busy = "Another process is at work on the archives";
    const onStart = async (): Promise<void> => {
      await expect(runArchive(jukebase, { before: "2025-04", actor })).rejects.toThrow(busy);
      await expect(purge()).rejects.toThrow(busy);
    };
    await rebuild(jukebase, { actor, onStart });
    await aloneWithArchives(jukebase.database, () => expect(rebuild(jukebase, { actor })).rejects.toThrow(busy));
  });
});

describe("a rebuild after a purge", () => {
  it("starts from the opening state and equals what is live", async () => {
    await archiveAMonthOf(manyCases(12), 6);
    await purge();
    await settle(jukebase);
    const live = withoutOpening(await takePicture(jukebase, false));
    const phases: string[] = [];
    const onProgress: RebuildOptions["onProgress"] = ({ phase }) => void phases.push(phase);
    expect(await rebuild(jukebase, { actor, verify: true, onProgress })).toMatchObject({ differences: [] });
    expect(phases).toContain("step by step");
    const later = await logged((await openingSeq(db())) ?? 0);
    expect(await rebuild(jukebase, { actor })).toMatchObject({ swapped: true, events: later });
    expect(difference(live, withoutOpening(await takePicture(jukebase, false)))).toBeUndefined();
    await nothingIsLost();
  });
});

/** Many small worlds with amendments, retractions, late parents and what is broken. */
function manyCases(seed: number): Placed[] {
  const worlds = fc.sample(arbitraryCase, { numRuns: 25, seed });
  return worlds.flatMap((events, n) =>
    [...new Map(events.map((event) => [event.id, event])).values()].map((event) => ({ source: `case-${n}`, event })),
  );
}

function till(...events: readonly Sent[]): Placed[] {
  return events.map((event) => ({ source: "till", event }));
}

function take(...events: readonly Sent[]): Promise<void> {
  return takeIn(jukebase, till(...events), () => false);
}

/** Archives `cut` of every ten events, with what is logged already, as those of a month that is over; the others come after. */
async function archiveAMonthOf(placed: readonly Placed[], cut: number): Promise<void> {
  await takeIn(
    jukebase,
    placed.filter((_, n) => n % 10 < cut),
    () => false,
  );
  await receivedIn(db(), "2025-03");
  await rows("update events.checkpoint set seq = 0");
  await settle(jukebase);
  const [outcome] = await runArchive(jukebase, { before: "2025-04", actor });
  expect(outcome).toMatchObject({ partition: "log_2025_03", left: undefined });
  await takeIn(
    jukebase,
    placed.filter((_, n) => n % 10 >= cut),
    (batch) => batch % 3 === 0,
  );
  await settle(jukebase);
}

// The end of `withArchives` finds nothing to take out, so what is left is what a killed process leaves.
async function killedWithin(): Promise<void> {
  await openRecord(db(), ["sales"], jukebase.clock.now());
  await withArchives(jukebase, () => rows("update events.archive set attached_at = null"));
  await rows("update events.archive set attached_at = now()");
}

function purge(): Promise<unknown> {
  const projections = jukebase.domains.flatMap((domain) => domain.projections);
  return purgeArchives({ ...jukebase, projections }, { before: "2025-04", why: "kept long enough", actor });
}

/** The archived months that stand in the log. */
async function standing(): Promise<unknown[]> {
  const marked = (await archives(db())).filter(({ attached_at }) => attached_at !== null).map(({ partition }) => partition);
  const there = await rows("select partition from events.archive where to_regclass('events.' || partition) is not null");
  expect(there.map(({ partition }) => partition)).toEqual(marked);
  return marked;
}

async function logged(after = 0): Promise<unknown> {
  const [row] = await rows("select sum(logged)::bigint as events from events.batch where seq > $1", [after]);
  return row?.events;
}

async function nothingIsLost(): Promise<void> {
  for (const projection of jukebase.domains.flatMap((domain) => domain.projections))
    expect(await projectionBalance(db(), projection)).toMatchObject({ lost: 0, unread: 0 });
}

// The opening state's own rows (generation 0) stand beside the live ones.
function withoutOpening(picture: Picture): Picture {
  return new Map([...picture].map(([relation, lines]) => [relation, lines.filter((line) => !line.includes('"generation": 0'))]));
}

function db(): ReturnType<typeof pgExecutor> {
  return pgExecutor(jukebase.database.pg);
}

async function rows(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await jukebase.database.pg.query(text, [...values])).rows;
}
