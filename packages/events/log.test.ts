import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Verdict } from "./append.ts";
import { openTestLog, project, send, type TestLog } from "./log.testing.ts";
import { showEvent, tail } from "./log.ts";
import { joined, retracted, visited } from "./shop.testing.ts";
import type { Source } from "./source.ts";

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

const keyOf = (verdict: Verdict | undefined): string => (verdict as { key: string }).key;

describe("the tail of the log", () => {
  test("shows the newest first, by type, source and position", async () => {
    const other = await log.source();
    await send(log, source, joined("m", { id: "j" }), visited("m", { id: "v" }));
    await send(log, other, visited("m", { id: "w" }));
    const ids = async (filter: Parameters<typeof tail>[1], limit?: number): Promise<string[]> =>
      (await tail(log.db, filter, limit)).map(({ event_id }) => event_id);
    expect(await ids({})).toEqual(["w", "v", "j"]);
    expect(await ids({ type: "Shop.VisitMade" })).toEqual(["w", "v"]);
    expect(await ids({ source: source.source })).toEqual(["v", "j"]);
    const [newest] = await tail(log.db, {});
    expect(await ids({ before: newest?.seq })).toEqual(["v", "j"]);
    expect(await ids({ after: newest?.seq })).toEqual([]);
    expect(await ids({}, 1)).toEqual(["w"]);
  });

  test("says when each was received and where it stands", async () => {
    await send(log, source, visited("m", { id: "v" }));
    expect(await tail(log.db, {})).toMatchObject([
      { recorded_at: "2025-03-01T12:00:00Z", occurred_at: "2025-02-01T00:00:00Z", ordinal: 0, version: 1 },
    ]);
  });
});

describe("an event", () => {
  test("is found by its receipt and by its own id, of one source if there are several", async () => {
    const other = await log.source();
    const [verdict] = await send(log, source, visited("m", { id: "v" }));
    await send(log, other, visited("n", { id: "v" }));
    expect(await showEvent(log.db, keyOf(verdict))).toMatchObject({ event_id: "v", source: source.source });
    expect(await showEvent(log.db, "v")).toMatchObject({ source: source.source });
    expect(await showEvent(log.db, "v", other.source)).toMatchObject({ source: other.source, data: { MemberId: "n" } });
  });

  test("says what changes it, and whether it waits or is parked", async () => {
    await log.rows("alter table shop.visit add constraint visit_is_not_unlucky check (minutes <> 13)");
    await send(log, source, visited("m", { id: "v" }), visited("m", { id: "a", amends: "v" }), retracted("a", { id: "r" }));
    await send(log, source, visited("m", { id: "bad" }, { Minutes: 13 }));
    await project(log);
    await log.rows("alter table shop.visit drop constraint visit_is_not_unlucky");
    expect(await showEvent(log.db, "v")).toMatchObject({
      changed_by: [{ event_id: "a", how: "amends" }],
      waiting: [{ projection: "shop", needs_kind: "member", needs_id: "m" }],
      parked: [],
    });
    expect(await showEvent(log.db, "a")).toMatchObject({ changed_by: [{ event_id: "r", how: "retracts" }] });
    expect(await showEvent(log.db, "bad")).toMatchObject({
      waiting: [],
      parked: [{ projection: "shop", error: expect.stringContaining("unlucky") }],
    });
  });

  test("that is not there is not found, whatever was asked for", async () => {
    for (const id of ["nothing", "", "'; --", "00000000-0000-0000-0000-000000000000"]) {
      await expect(showEvent(log.db, id)).rejects.toMatchObject({
        name: "NotFound",
        message: expect.stringContaining("may be in quarantine"),
      });
    }
  });
});
