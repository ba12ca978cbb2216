import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type LoadSummary, load } from "./load.ts";
import { lines, openTestLog, outcomesOf, project, send, type TestLog } from "./log.testing.ts";
import { replay } from "./replay.ts";
import { joined } from "./shop.testing.ts";
import type { Source } from "./source.ts";
import type { RawEnvelope, Received } from "./sources/index.ts";

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

test("two states of a thing in one load, seen at one moment, are both logged or both known: none is swallowed", async () => {
  await send(log, source, ann("Ann"), ann("Anna"));
  later();
  await send(log, source, ann("Anna"));
  await project(log);
  expect(await members()).toEqual(["Anna"]);
});

test("a thing that changed and then vanished does not come back in its older state", async () => {
  await loadFull(ann("Ann"), joined("bob"));
  later();
  await loadFull(ann("Anna"), joined("bob"));
  later();
  await loadFull(joined("bob"));
  await project(log);
  expect(await members()).toEqual(["Name bob"]);
});

test("an observation that was replayed does not hide what was seen after it", async () => {
  await send(log, source, joined("ann", {}, { MemberName: "Old", OccurredAt: "2025-03-03T00:00:00Z" }));
  later();
  await send(log, source, ann("New"));
  log.clock.set("2025-03-05T12:00:00Z");
  await replay(log, {});
  later();
  expect(outcomesOf(await send(log, source, ann("New")))).toEqual(["duplicate"]);
});

test("the same states with another time of looking are no news, and loaded in any order again add none", async () => {
  await send(log, source, ann("Ann", { time: "2025-03-01" }), ann("Anna", { time: "2025-03-01" }));
  later();
  expect(outcomesOf(await send(log, source, ann("Anna", { time: "2025-03-02" })))).toEqual(["duplicate"]);
  expect(outcomesOf(await send(log, source, ann("Ann", { time: "2025-03-01" }), ann("Anna", { time: "2025-03-01" })))).toEqual([
    "duplicate",
    "duplicate",
  ]);
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

async function members(): Promise<unknown[]> {
  return (await log.rows("select member_name from shop.member order by 1")).map(({ member_name }) => member_name);
}
