import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type LoadSummary, load } from "./load.ts";
import { lines, openTestLog, outcomesOf, project, send, type TestLog } from "./log.testing.ts";
import { joined, visited } from "./shop.testing.ts";
import type { Source } from "./source.ts";
import type { RawEnvelope, Received } from "./sources/index.ts";
import { sourceBalances } from "./status.ts";

let log: TestLog;
let source: Source;

beforeAll(async () => {
  log = await openTestLog();
});
beforeEach(async () => {
  await log.empty();
  log.clock.set("2025-03-01T12:00:00Z");
  source = await log.source({ kind: "observations" });
});
afterAll(() => log?.close());

const ann = (name: string, envelope: RawEnvelope = {}): RawEnvelope => joined("ann", envelope, { MemberName: name });

describe("an observation", () => {
  test("that repeats the last state is a duplicate of the event that told it", async () => {
    const [first] = await send(log, source, ann("Ann"));
    later();
    const [again] = await send(log, source, ann("Ann"));
    expect(first).toMatchObject({ outcome: "accepted", id: "ann@2025-03-01T12:00:00.000Z" });
    expect(again).toEqual({ ...first, outcome: "duplicate" });
  });

  test("of another state is logged, under its natural id and when it was observed", async () => {
    await send(log, source, ann("Ann"));
    later();
    expect(outcomesOf(await send(log, source, ann("Anna"), joined("bob")))).toEqual(["accepted", "accepted"]);
    later();
    await send(log, source, ann("Ann", { time: "2025-03-05" }));
    expect(await ids()).toEqual([
      "ann@2025-03-01T12:00:00.000Z",
      "ann@2025-03-01T13:00:00.000Z",
      "bob@2025-03-01T13:00:00.000Z",
      "ann@2025-03-05",
    ]);
  });

  test("is compared within its type: a thing of another type may have the same natural id", async () => {
    expect(outcomesOf(await send(log, source, joined("x"), visited("y"), joined("x"), visited("y")))).toEqual([
      "accepted",
      "accepted",
      "duplicate",
      "duplicate",
    ]);
  });

  test("that brings its own id is known by it", async () => {
    expect(
      outcomesOf(await send(log, source, ann("Ann", { id: "1" }), ann("Ann", { id: "2" }), ann("Ann", { id: "1" }))),
    ).toEqual(["accepted", "accepted", "duplicate"]);
  });
});

describe("a load of the whole state", () => {
  test("logs what vanished as retractions, and loses nothing", async () => {
    await loadFull(ann("Ann"), joined("bob"), joined("cid"));
    later();
    expect(await loadFull(ann("Anna"), joined("cid"))).toMatchObject({ received: 3, logged: 2, duplicates: 1 });
    expect(await log.rows("select event_id, retracts is not null as retracts from events.log order by log_id offset 3")).toEqual([
      { event_id: "ann@2025-03-01T13:00:00.000Z", retracts: false },
      { event_id: "bob@2025-03-01T13:00:00.000Z:vanished", retracts: true },
    ]);
    await project(log);
    expect(await members()).toEqual(["Anna", "Name cid"]);
    expect(await sourceBalances(log.db)).toContainEqual(
      expect.objectContaining({ source: source.source, received: 6, logged: 5, duplicates: 1, lost: 0 }),
    );
  });

  test("takes what comes back as news", async () => {
    await loadFull(ann("Ann"), joined("bob"));
    later();
    await loadFull(ann("Ann"));
    later();
    expect(await loadFull(ann("Ann"), joined("bob"))).toMatchObject({ received: 2, logged: 1, duplicates: 1 });
    await project(log);
    expect(await members()).toEqual(["Ann", "Name bob"]);
  });

  test("says a thing vanished once, not with every load", async () => {
    await loadFull(ann("Ann"), joined("bob"));
    later();
    await loadFull(ann("Ann"));
    later();
    expect(await loadFull(ann("Ann"))).toMatchObject({ received: 1, logged: 0, duplicates: 1 });
  });

  test("speaks only of the types that it names, and of its own source", async () => {
    const other = await log.source({ kind: "observations" });
    await send(log, other, joined("eve"));
    await loadFull(ann("Ann"), visited("bob"));
    later();
    expect(await loadFull(visited("bob"))).toMatchObject({ received: 1, logged: 0, duplicates: 1 });
    expect(await log.rows("select 1 from events.log where retracts is not null")).toEqual([]);
  });

  test("that is not said to be whole retracts nothing", async () => {
    await loadFull(ann("Ann"), joined("bob"));
    later();
    await load(log, received([ann("Ann")]), { source, name: "some" });
    expect(await log.rows("select 1 from events.log where retracts is not null")).toEqual([]);
  });

  test("does not take for vanished what it named in another chunk", async () => {
    await loadFull(ann("Ann"), joined("bob"), joined("cid"));
    later();
    const summary = await load(log, received([joined("cid"), joined("bob"), ann("Ann")]), {
      source,
      name: "state",
      full: true,
      chunk: 1,
    });
    expect(summary).toMatchObject({ received: 3, logged: 0, duplicates: 3 });
  });
});

test("what an observing source tells of persons stands nowhere plain", async () => {
  await send(log, source, joined("m", {}, { Phone: "555-canary", Remark: "canary" }));
  expect(JSON.stringify(await log.rows("select row.*::text from events.observation as row"))).not.toContain("canary");
});

function loadFull(...envelopes: readonly RawEnvelope[]): Promise<LoadSummary> {
  return load(log, received(envelopes), { source, name: "state", full: true });
}

async function* received(envelopes: readonly RawEnvelope[]): AsyncGenerator<Received> {
  yield* lines(...envelopes);
}

function later(): void {
  log.clock.set(new Date(log.clock.now().getTime() + 3_600_000).toISOString());
}

async function ids(): Promise<unknown[]> {
  return (await log.rows("select event_id from events.log order by log_id")).map(({ event_id }) => event_id);
}

async function members(): Promise<unknown[]> {
  return (await log.rows("select member_name from shop.member order by 1")).map(({ member_name }) => member_name);
}
