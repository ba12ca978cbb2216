import { transaction } from "@jukebase/platform";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openTestLog, project, send, signal, somebodyWaits, type TestLog } from "../log.testing.ts";
import { joined, retracted, shop, visited } from "../shop.testing.ts";
import type { Source } from "../source.ts";
import { catchUp, projectOnce, projectWithin, type Step } from "./run.ts";

let log: TestLog;
let source: Source;

beforeAll(async () => {
  log = await openTestLog();
});
beforeEach(async () => {
  await log.empty();
  source = await log.source();
});
afterAll(() => log?.close());

describe("a step", () => {
  test("commits tables and checkpoint together: when applying fails, nothing has changed", async () => {
    await send(log, source, joined("m", { id: "j" }));
    const failing = {
      ...shop,
      apply: async (db: TestLog["db"]) => {
        await shop.apply(db);
        throw new Error("the machine stops");
      },
    };
    await expect(projectOnce(failing, log)).rejects.toThrow("the machine stops");
    expect(await log.rows("select 1 from shop.joining")).toEqual([]);
    expect(await log.rows("select 1 from events.checkpoint")).toEqual([]);
    expect(await projectOnce(shop, log)).toMatchObject({ busy: false, batches: 1, events: 1, parked: 0 });
    expect(await log.rows("select seq = (select max(seq) from events.batch) as at_end from events.checkpoint")).toEqual([
      { at_end: true },
    ]);
  });

  test("at the end of the log does nothing, and says where it stands", async () => {
    await send(log, source, joined("m", { id: "j" }));
    const { seq } = await project(log);
    expect(await projectOnce(shop, log)).toEqual({ busy: false, batches: 0, events: 0, parked: 0, seq });
  });

  test("says that it is busy while another transaction holds the checkpoint, and does not wait for it", async () => {
    await send(log, source, joined("m", { id: "j" }));
    await project(log);
    await send(log, source, joined("n", { id: "k" }));
    const [held, mayEnd] = [signal(), signal()];
    const holding = transaction(log.database.pg, async (db) => {
      await projectWithin(db, shop, log);
      held.give();
      await mayEnd.given;
    });
    await held.given;
    const waiting = projectOnce(shop, log);
    const answer = await Promise.race([waiting, somebodyWaits(log)]);
    mayEnd.give();
    await Promise.all([holding, waiting]);
    expect(answer).toEqual({ busy: true, batches: 0, events: 0, parked: 0, seq: 0 });
    expect(await log.rows("select member_id from shop.joining order by 1")).toEqual([{ member_id: "m" }, { member_id: "n" }]);
  });

  test("takes a batch larger than its measure whole", async () => {
    await send(log, source, ...Array.from({ length: 30 }, (_, n) => visited("m", { id: `v${n}` })));
    await send(log, source, joined("m", { id: "j" }));
    expect(await projectOnce(shop, { ...log, events_max: 10 })).toMatchObject({ batches: 1, events: 30 });
    expect(await projectOnce(shop, { ...log, events_max: 10 })).toMatchObject({ batches: 1, events: 1 });
  });

  test("passes over batches of other types and of nothing", async () => {
    await send(log, source, { type: "Shop.Unheard", data: {} });
    await send(log, source);
    const only = { ...shop, types: ["Shop.VisitMade"], facts: { "Shop.VisitMade": "visit" }, apply: async () => {} };
    await send(log, source, joined("m", { id: "j" }));
    expect(await projectOnce(only, log)).toMatchObject({ batches: 3, parked: 0 });
    expect(await projectOnce(only, log)).toMatchObject({ batches: 0 });
  });

  test("within a caller's transaction shows the caller its own event, and nobody else before the commit", async () => {
    await send(log, source, joined("m", { id: "j" }));
    await transaction(log.database.pg, async (db) => {
      await projectWithin(db, shop, log);
      expect(await db.query("select member_id from shop.member")).toEqual([{ member_id: "m" }]);
      expect(await log.rows("select member_id from shop.member")).toEqual([]);
    });
    expect(await log.rows("select member_id from shop.member")).toEqual([{ member_id: "m" }]);
  });

  test("leaves the caller's search path as it was", async () => {
    await send(log, source, joined("m", { id: "j" }));
    await transaction(log.database.pg, async (db) => {
      const before = await db.query("show search_path");
      await projectWithin(db, shop, log);
      expect(await db.query("show search_path")).toEqual(before);
    });
  });

  test("of a projection that reads a type without a contract says so", async () => {
    await send(log, source, joined("m", { id: "j" }));
    await expect(projectOnce({ ...shop, types: ["Shop.Unheard"] }, log)).rejects.toThrow(
      'The projection "shop" reads Shop.Unheard, which no contract describes.',
    );
  });
});

describe("catching up", () => {
  test("goes on to the end, says what each step did, and stops when it is told to", async () => {
    for (let n = 0; n < 5; n += 1) await send(log, source, joined(`m${n}`, { id: `j${n}` }), visited(`m${n}`, { id: `v${n}` }));
    const steps: Step[] = [];
    await catchUp(
      shop,
      { ...log, events_max: 4 },
      (step) => steps.push(step),
      () => steps.length === 2,
    );
    expect(steps.map(({ events }) => events)).toEqual([4, 4]);
    expect(await catchUp(shop, { ...log, events_max: 4 })).toMatchObject({ events: 2, busy: false });
  });

  test("of another generation keeps a checkpoint of its own", async () => {
    await send(log, source, joined("m", { id: "j" }));
    await project(log);
    await log.rows("truncate shop.joining, shop.visit, shop.member");
    expect(await catchUp(shop, { ...log, generation: 2 })).toMatchObject({ events: 1 });
    expect(await log.rows("select generation from events.checkpoint order by 1")).toEqual([{ generation: 1 }, { generation: 2 }]);
  });
});

const event = fc.oneof(
  fc.constantFrom("m", "n").map((member) => joined(member)),
  fc
    .record({ member: fc.constantFrom("m", "n", "o"), Minutes: fc.integer({ min: 1, max: 99 }) })
    .map(({ member, Minutes }) => visited(member, {}, { Minutes })),
  fc.nat({ max: 12 }).map((n) => retracted(`e${n}`)),
  fc
    .record({ n: fc.nat({ max: 12 }), Minutes: fc.integer({ min: 1, max: 99 }) })
    .map(({ n, Minutes }) => visited("m", { amends: `e${n}` }, { Minutes })),
);

test("windows cut at any size give the same tables", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(event, { maxLength: 4 }), { minLength: 2, maxLength: 6 }),
      fc.integer({ min: 1, max: 6 }),
      async (batches, events_max) => {
        await log.empty();
        let n = 0;
        for (const batch of batches) await send(log, source, ...batch.map((one) => ({ ...one, id: `e${n++}` })));
        await catchUp(shop, { ...log, events_max });
        const cut = await picture();
        await log.rows("truncate shop.joining, shop.visit, shop.member, events.waiting, events.parked, events.checkpoint");
        await project(log);
        expect(cut).toEqual(await picture());
      },
    ),
    { numRuns: 40 },
  );
});

async function picture(): Promise<unknown> {
  const tables = ["shop.joining", "shop.visit", "shop.member", "events.waiting", "events.parked"];
  return Promise.all(tables.map((table) => log.rows(`select to_jsonb(row) as row from ${table} as row order by row::text`)));
}
