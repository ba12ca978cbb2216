import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openTestLog, project, send, type TestLog } from "../log.testing.ts";
import { joined, retracted, shop, visited } from "../shop.testing.ts";
import type { Source } from "../source.ts";
import type { RawEnvelope } from "../sources/index.ts";
import { projectionBalance } from "../status.ts";

let log: TestLog;
let source: Source;

beforeAll(async () => {
  log = await openTestLog();
});
beforeEach(async () => {
  await log.empty();
  source = await log.source();
  await send(log, source, joined("m", { id: "j" }));
});
afterEach(async () => {
  expect(await projectionBalance(log.db, shop)).toMatchObject({ lost: 0, unread: 0 });
});
afterAll(() => log?.close());

/** A visit of so many minutes, or an amendment to that. */
const visit = (id: string, minutes: number, amends?: string): RawEnvelope =>
  visited("m", amends === undefined ? { id } : { id, amends }, { Minutes: minutes });
const later = (event: RawEnvelope, at: string): RawEnvelope => ({
  ...event,
  data: { ...(event.data as object), OccurredAt: at },
});

// Each case says which visits count at the end, in minutes; it must not matter in which order its events come.
const cases: readonly [string, readonly RawEnvelope[], readonly number[]][] = [
  ["an amendment replaces what it amends", [visit("v", 5), visit("a", 6, "v")], [6]],
  ["of two amendments the newest wins", [visit("v", 5), later(visit("a", 6, "v"), "2025-02-03"), visit("b", 7, "v")], [6]],
  ["of two amendments of one instant the greater id wins", [visit("v", 5), visit("a", 6, "v"), visit("b", 7, "v")], [7]],
  ["ids are compared byte by byte", [visit("v", 5), visit("a", 6, "v"), visit("B", 7, "v")], [6]],
  ["an amendment of an amendment goes through", [visit("v", 5), visit("a", 6, "v"), visit("b", 7, "a")], [7]],
  [
    "an older amendment that was itself amended later still loses",
    [visit("v", 5), visit("a", 6, "v"), visit("b", 7, "v"), later(visit("c", 8, "a"), "2025-02-09")],
    [7],
  ],
  ["a retraction takes the event out", [visit("v", 5), retracted("v", { id: "r" })], []],
  ["a retraction of an amendment leaves what it amended", [visit("v", 5), visit("a", 6, "v"), retracted("a", { id: "r" })], [5]],
  [
    "a retraction of the newest amendment leaves the one before",
    [visit("v", 5), visit("a", 6, "v"), visit("b", 7, "v"), retracted("b", { id: "r" })],
    [6],
  ],
  [
    "a retraction of a retraction brings the event back",
    [visit("v", 5), retracted("v", { id: "r" }), retracted("r", { id: "s" })],
    [5],
  ],
  [
    "of two retractions one retracted still leaves one",
    [visit("v", 5), retracted("v", { id: "r" }), retracted("v", { id: "q" }), retracted("r", { id: "s" })],
    [],
  ],
  ["a retracted event stays out, however it is amended", [visit("v", 5), retracted("v", { id: "r" }), visit("a", 6, "v")], []],
  ["a change by another type has no effect", [visit("v", 5), joined("x", { id: "a", amends: "v" })], [5]],
  [
    "a retraction names the event, whatever type it says",
    [visit("v", 5), retracted("v", { id: "r", type: "Shop.MemberJoined" })],
    [],
  ],
];

describe("changes, in whatever order and at whatever pace they come", () => {
  test.each(cases)("%s", async (_, events, expected) => {
    for (const order of orders(events)) {
      for (const pace of ["at once", "one by one"]) {
        await restart();
        for (const event of order) {
          await send(log, source, event);
          if (pace === "one by one") await project(log);
        }
        await project(log);
        expect(await minutes(), `${pace}: ${order.map(({ id }) => id).join(" ")}`).toEqual(expected);
      }
    }
  });
});

describe("a change", () => {
  test("of another source has no effect: ids are its own", async () => {
    const other = await log.source({ namespace: source.namespace });
    await send(log, source, visit("v", 5));
    await send(log, other, visit("a", 6, "v"), retracted("v", { id: "r" }));
    await project(log);
    expect(await minutes()).toEqual([5]);
    expect(await log.rows("select distinct needs_kind from events.waiting")).toEqual([{ needs_kind: "event" }]);
  });

  test("keeps the place of what it changes: the fact has its own key and log id, with the new body and time", async () => {
    await send(log, source, visit("v", 5));
    await project(log);
    const [before] = await log.rows("select log_id, event_key, event_id from shop.visit");
    await send(log, source, later(visit("a", 6, "v"), "2025-02-07"));
    await project(log);
    expect(await log.rows("select log_id, event_key, event_id, minutes, occurred_at from shop.visit")).toEqual([
      { ...before, minutes: 6, occurred_at: "2025-02-07T00:00:00Z" },
    ]);
  });

  test("reaches what is derived: the member has the amended name", async () => {
    await send(log, source, joined("m", { id: "a", amends: "j" }, { MemberName: "Anna" }));
    await project(log);
    expect(await log.rows("select member_name from shop.member")).toEqual([{ member_name: "Anna" }]);
  });

  test("of itself, or round in a circle, is no root and harms nobody", async () => {
    await send(
      log,
      source,
      visit("self", 6, "self"),
      visit("a", 7, "b"),
      visit("b", 8, "a"),
      retracted("r", { id: "r" }),
      visit("v", 5),
    );
    await project(log);
    expect(await minutes()).toEqual([5]);
  });
});

// A source of its own has ids of its own: as good as an empty log, and cheaper.
async function restart(): Promise<void> {
  source = await log.source();
  await send(log, source, joined("m", { id: "j" }));
}

async function minutes(): Promise<unknown[]> {
  const rows = await log.rows("select minutes from shop.visit where source = $1 order by 1", [source.source]);
  return rows.map(({ minutes }) => minutes);
}

function orders<T>(items: readonly T[]): T[][] {
  if (items.length > 3) return [[...items], items.toReversed(), [...items.slice(2), ...items.slice(0, 2)]];
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, n) => orders(items.toSpliced(n, 1)).map((rest) => [item, ...rest]));
}
