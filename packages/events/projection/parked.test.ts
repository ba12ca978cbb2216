import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openTestLog, project, send, type TestLog } from "../log.testing.ts";
import { joined, retracted, shop, visited } from "../shop.testing.ts";
import type { Source } from "../source.ts";
import { projectionBalance } from "../status.ts";
import { catchUp, retryParked } from "./run.ts";

let log: TestLog;
let source: Source;

beforeAll(async () => {
  log = await openTestLog();
});
// A rule of the table that the contract does not cover.
beforeEach(async () => {
  await log.empty();
  source = await log.source();
  await fixed();
  await log.rows("alter table shop.visit add constraint visit_is_not_unlucky check (minutes <> 13)");
});
afterEach(async () => {
  expect(await balance()).toMatchObject({ lost: 0 });
});
afterAll(() => log?.close());

const unlucky = (id: string, amends?: string): ReturnType<typeof visited> =>
  visited("m", amends ? { id, amends } : { id }, { Minutes: 13 });

describe("an event that cannot be applied", () => {
  test("is parked with its error, and the others of its batch pass", async () => {
    const lucky = Array.from({ length: 9 }, (_, n) => visited("m", { id: `v${n}` }));
    await send(log, source, joined("m", { id: "j" }), ...lucky.slice(0, 4), unlucky("bad1"), ...lucky.slice(4), unlucky("bad2"));
    expect(await project(log)).toMatchObject({ events: 12, parked: 2 });
    expect(await parked()).toEqual(["bad1", "bad2"]);
    expect(await log.rows("select error, parked_at from events.parked limit 1")).toEqual([
      { error: expect.stringContaining("visit_is_not_unlucky"), parked_at: "2025-03-01T12:00:00Z" },
    ]);
    expect(await balance()).toMatchObject({ events: 12, projected: 10, parked: 2, unread: 0 });
  });

  test("alone in its batch is parked too, and the log goes on", async () => {
    await send(log, source, unlucky("bad"));
    await send(log, source, joined("m", { id: "j" }), visited("m", { id: "v" }));
    await project(log);
    expect(await balance()).toMatchObject({ projected: 2, parked: 1, behind_batches: 0 });
  });

  test("far ahead makes the step small: what stands before it passes at once, and it is searched in its own batch only", async () => {
    await send(log, source, joined("m", { id: "j" }));
    for (let n = 0; n < 15; n += 1) await send(log, source, visited("m", { id: `v${n}` }));
    await send(log, source, visited("m", { id: "beside" }), unlucky("bad"));
    await send(log, source, visited("m", { id: "behind" }));
    const steps: { batches: number; parked: number }[] = [];
    await catchUp(shop, log, ({ batches, parked: many }) => steps.push({ batches, parked: many }));
    expect(steps[0]).toMatchObject({ parked: 0 });
    expect(steps.filter(({ parked: many }) => many > 0)).toEqual([{ batches: 1, parked: 1 }]);
    expect(await balance()).toMatchObject({ projected: 18, parked: 1, behind_batches: 0 });
  });

  test("is applied by a retry when the reason is gone, and not before", async () => {
    await send(log, source, joined("m", { id: "j" }), unlucky("bad"), visited("m", { id: "v" }));
    await project(log);
    expect(await retryParked(shop, log)).toEqual({ tried: 1, parked: 1 });
    expect(await parked()).toEqual(["bad"]);
    await fixed();
    expect(await retryParked(shop, log)).toEqual({ tried: 1, parked: 0 });
    expect(await retryParked(shop, log)).toEqual({ tried: 0, parked: 0 });
    expect(await minutes()).toEqual([5, 13]);
  });

  test("waits for its parent when a retry applies it", async () => {
    await send(log, source, unlucky("bad"));
    await project(log);
    await fixed();
    await retryParked(shop, log);
    expect(await balance()).toMatchObject({ waiting: 1, parked: 0 });
    await send(log, source, joined("m", { id: "j" }));
    await project(log);
    expect(await balance()).toMatchObject({ waiting: 0, projected: 2 });
  });

  test("is unparked by an amendment that can be applied, and by its retraction", async () => {
    await send(log, source, joined("m", { id: "j" }), unlucky("bad1"), unlucky("bad2"));
    await project(log);
    await send(log, source, visited("m", { id: "a", amends: "bad1" }, { Minutes: 14 }), retracted("bad2", { id: "r" }));
    await project(log);
    expect(await parked()).toEqual([]);
    expect(await minutes()).toEqual([14]);
  });

  test("through an amendment is parked without its older form, whether both came at once or not", async () => {
    await send(log, source, joined("m", { id: "j" }), visited("m", { id: "v" }), visited("m", { id: "w" }), unlucky("a1", "w"));
    await project(log);
    await send(log, source, unlucky("a2", "v"));
    await project(log);
    expect(await parked()).toEqual(["v", "w"]);
    expect(await minutes()).toEqual([]);
    await send(log, source, retracted("a2", { id: "r" }));
    await project(log);
    expect(await parked()).toEqual(["w"]);
    expect(await minutes()).toEqual([5]);
  });
});

test("an error that is not the data's fault parks nobody: the step fails whole, and is tried again", async () => {
  await send(log, source, joined("m", { id: "j" }), visited("m", { id: "v" }));
  const failing = { ...shop, apply: (db: TestLog["db"]) => db.query("select * from shop.no_such_table").then(() => {}) };
  await expect(project(log, failing)).rejects.toThrow(/no_such_table/);
  expect(await parked()).toEqual([]);
  expect(await balance()).toMatchObject({ unread: 2, seq: 0 });
  await project(log);
  expect(await balance()).toMatchObject({ unread: 0, projected: 2 });
});

async function fixed(): Promise<void> {
  await log.rows("alter table shop.visit drop constraint if exists visit_is_not_unlucky");
}

async function parked(): Promise<unknown[]> {
  const rows = await log.rows("select event_id from events.parked join events.log using (log_id) order by 1");
  return rows.map(({ event_id }) => event_id);
}

async function minutes(): Promise<unknown[]> {
  return (await log.rows("select minutes from shop.visit order by 1")).map(({ minutes }) => minutes);
}

function balance(): ReturnType<typeof projectionBalance> {
  return projectionBalance(log.db, shop);
}
