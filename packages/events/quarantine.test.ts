import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { discardQuarantine } from "./discard.ts";
import { load } from "./load.ts";
import { openTestLog, send, type TestLog } from "./log.testing.ts";
import { fixQuarantine } from "./mend.ts";
import { listQuarantine, quarantineGroups, showQuarantine } from "./quarantine.ts";
import { joined, visited } from "./shop.testing.ts";
import type { Source } from "./source.ts";
import { parseMapping, type ReadOptions, readReceived } from "./sources/index.ts";
import { sourceBalances } from "./status.ts";
import { dayKey, unseal } from "./vault.ts";

let log: TestLog;
let source: Source;

beforeAll(async () => {
  log = await openTestLog();
});
beforeEach(async () => {
  await log.empty();
  log.clock.set("2025-03-01T12:00:00Z");
  source = await log.source();
});
afterAll(() => log?.close());

describe("what was received", () => {
  test.each([
    ["broken JSON", '{"type":"Shop.VisitMade","data":{"MemberId":"ü",}'],
    ["no JSON at all", "MemberId;Minutes"],
    ["a type that nobody knows", '{ "type" : "Shop.Unheard" }'],
  ])("comes back as it came: %s", async (_, text) => {
    const id = await quarantined(text);
    expect(await showQuarantine(log.db, log.keys, id)).toMatchObject({
      received: text,
      envelope: undefined,
      status: "open",
      line: 1,
      attempts: 0,
    });
  });

  test("comes back byte for byte where it is not text", async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0xc3, 0x28, 0x7d]);
    const id = await quarantined(bytes);
    expect(await bytesOf(id)).toEqual(bytes);
    expect(await showQuarantine(log.db, log.keys, id)).toMatchObject({ reason: "not-utf8" });
  });

  test("is kept with what was read from it, where that is not plain from the bytes", async () => {
    const mapping = parseMapping(
      JSON.stringify({
        source: source.source,
        kind: "facts",
        type: "Shop.VisitMade",
        header: ["who", "minutes", "at"],
        data: { MemberId: { column: "who" }, Minutes: { column: "minutes" }, OccurredAt: { column: "at" } },
      }),
      "visits.mapping.json",
    );
    const id = await quarantined("m,many,2025-02-01", { format: "csv", mapping });
    const item = await showQuarantine(log.db, log.keys, id);
    expect(item.received).toBe("m,many,2025-02-01");
    expect(JSON.parse(item.envelope ?? "")).toMatchObject({
      type: "Shop.VisitMade",
      data: { MemberId: "m", Minutes: "many", OccurredAt: "2025-02-01" },
    });
  });

  test("of a conflict is kept too, and what was received first stands", async () => {
    await send(log, source, visited("m", { id: "v" }));
    const other = JSON.stringify(visited("m", { id: "v" }, { Minutes: 6 }));
    const item = await showQuarantine(log.db, log.keys, await quarantined(other));
    expect(item).toMatchObject({ received: other, reason: "conflicting-duplicate", event_id: "v", type: "Shop.VisitMade" });
    expect(item.issues[0]?.rule).toContain("received first and stands");
    expect(await log.rows("select data ->> 'Minutes' as minutes from events.log")).toEqual([{ minutes: "5" }]);
  });

  test("is gone when the key of its day has expired, and its reasons stand", async () => {
    const id = await quarantined("{");
    await log.rows("delete from vault.day_key");
    expect(await showQuarantine(log.db, log.keys, id)).toMatchObject({
      received: undefined,
      envelope: undefined,
      reason: "broken-json",
    });
  });
});

describe("the list", () => {
  test("shows every reason with its place, newest first, and nothing of what was received", async () => {
    await send(log, source, visited("", { id: "a" }, { Minutes: "secret" }), {
      type: "Shop.Unheard",
      id: "b",
      data: { Secret: "secret" },
    });
    const items = await listQuarantine(log.db);
    expect(items.map(({ event_id, issues }) => [event_id, issues.map(({ path, code }) => `${path} ${code}`)])).toEqual([
      ["b", ["$.type unknown-type"]],
      ["a", ["$.MemberId empty", "$.Minutes not-a-whole-number"]],
    ]);
    expect(JSON.stringify(items)).not.toContain("secret");
  });

  test("is filtered by type, reason, source and status, and pages on", async () => {
    const other = await log.source();
    await send(log, source, visited("", { id: "a" }), visited("", { id: "b" }), joined("", { id: "c" }));
    await send(log, other, visited("m", { id: "d" }, { Minutes: 2 ** 40 }));
    const ids = async (
      ...args: Parameters<typeof listQuarantine> extends [unknown, ...infer Rest] ? Rest : never
    ): Promise<unknown[]> => (await listQuarantine(log.db, ...args)).map(({ event_id }) => event_id);
    expect(await ids({ type: "Shop.VisitMade" })).toEqual(["d", "b", "a"]);
    expect(await ids({ reason: "out-of-range" })).toEqual(["d"]);
    expect(await ids({ source: source.source })).toEqual(["c", "b", "a"]);
    expect(await ids({ status: "discarded" })).toEqual([]);
    expect(await ids({}, 2, 1)).toEqual(["c", "b"]);
    expect(await quarantineGroups(log.db)).toMatchObject([
      { type: "Shop.VisitMade", reason: "empty", items: 2, sources: [source.source], rule: expect.any(String) },
      { type: "Shop.MemberJoined", reason: "empty", items: 1 },
      { type: "Shop.VisitMade", reason: "out-of-range", items: 1 },
    ]);
  });
});

test("a status that does not exist is refused, with those that do", () => {
  expect(() => listQuarantine(log.db, { status: "gone" })).toThrow(
    '"gone" is not a status of the quarantine; there are open, replayed, discarded, discarded-value or expired.',
  );
});

describe("mending", () => {
  test("says which rules the mended text still breaks, and keeps the original", async () => {
    const broken = JSON.stringify(visited("m", { id: "v" }, { Minutes: "many" }));
    const id = await quarantined(broken);
    const half = JSON.stringify(visited("m", { id: "v" }, { Minutes: "few" }));
    expect(await fixQuarantine(log, id, half)).toMatchObject([{ path: "$.Minutes", code: "not-a-whole-number" }]);
    const whole = JSON.stringify(visited("m", { id: "v" }));
    expect(await fixQuarantine(log, id, whole)).toEqual([]);
    expect(await showQuarantine(log.db, log.keys, id)).toMatchObject({ received: broken, envelope: whole, status: "open" });
  });

  test("takes a bare body under the item's type and id", async () => {
    const id = await quarantined(JSON.stringify(visited("m", { id: "v" }, { Minutes: "many" })));
    const body = { MemberId: "m", Minutes: 5, OccurredAt: "2025-02-01" };
    expect(await fixQuarantine(log, id, JSON.stringify(body))).toEqual([]);
    expect(JSON.parse((await showQuarantine(log.db, log.keys, id)).envelope ?? "")).toEqual({
      type: "Shop.VisitMade",
      id: "v",
      data: body,
    });
  });

  test("of a bare body leaves what the envelope said beside it", async () => {
    const id = await quarantined(JSON.stringify(visited("m", { id: "v", amends: "u", time: "2025-02-02" }, { Minutes: "many" })));
    const body = { MemberId: "m", Minutes: 5, OccurredAt: "2025-02-01" };
    await fixQuarantine(log, id, JSON.stringify(body));
    expect(JSON.parse((await showQuarantine(log.db, log.keys, id)).envelope ?? "")).toEqual({
      type: "Shop.VisitMade",
      id: "v",
      amends: "u",
      time: "2025-02-02",
      data: body,
    });
  });

  test("refuses what is no event, with a sentence", async () => {
    const id = await quarantined("{");
    await expect(fixQuarantine(log, id, '{"MemberId":')).rejects.toThrow(/^The mended text is not JSON: Is broken JSON/);
    await expect(fixQuarantine(log, id, '{"MemberId":"m"}')).rejects.toThrow(
      /^Give the whole event: .* this item's type is not known\.$/,
    );
    await expect(fixQuarantine(log, id, "[1]")).rejects.toThrow("An event is a JSON object.");
  });

  test("is for open items only", async () => {
    const id = await quarantined("{");
    await discardQuarantine(log, { ids: [id] }, { actor: "cli:ada", why: "noise" });
    await expect(fixQuarantine(log, id, "{}")).rejects.toThrow("This item is discarded; only open items can be mended.");
  });
});

describe("discarding", () => {
  test("sets open items aside with the reason why, once, and they stay counted", async () => {
    const id = await quarantined("{");
    await quarantined("[");
    expect(await balance()).toMatchObject({ received: 2, in_quarantine: 2, discarded: 0, lost: 0 });
    expect(await discardQuarantine(log, { ids: [id] }, { actor: "cli:ada", why: "a test of the sender" })).toBe(1);
    expect(await discardQuarantine(log, { ids: [id] }, { actor: "cli:ada", why: "again" })).toBe(0);
    expect(await listQuarantine(log.db, { status: "discarded" })).toMatchObject([
      { quarantine_id: id, resolution: "a test of the sender" },
    ]);
    expect(await balance()).toMatchObject({ received: 2, in_quarantine: 1, discarded: 1, lost: 0 });
  });

  test("without a reason is refused", async () => {
    await expect(discardQuarantine(log, { ids: [await quarantined("{")] }, { actor: "cli:ada", why: "  " })).rejects.toThrow(
      /^Say why these items are discarded/,
    );
  });
});

test("an id that is none is refused, one that is not there is not found", async () => {
  await expect(showQuarantine(log.db, log.keys, "x'; --")).rejects.toMatchObject({
    name: "Invalid",
    message: expect.stringContaining("is not the id of"),
  });
  await expect(discardQuarantine(log, { ids: ["7"] }, { actor: "cli:ada", why: "why" })).rejects.toMatchObject({
    name: "Invalid",
  });
  await expect(fixQuarantine(log, "7", "{}")).rejects.toMatchObject({ name: "Invalid" });
  await expect(showQuarantine(log.db, log.keys, "00000000-0000-7000-8000-000000000000")).rejects.toMatchObject({
    name: "NotFound",
  });
});

async function quarantined(content: string | Uint8Array, options: ReadOptions = { format: "ndjson" }): Promise<string> {
  async function* input(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(content);
  }
  await load(log, readReceived(input(), options), { source, name: "some file" });
  const [newest] = await listQuarantine(log.db, {}, 1);
  return newest?.quarantine_id as string;
}

async function bytesOf(id: string): Promise<Buffer> {
  const [row] = await log.rows("select bytes, bytes_day from events.quarantine where quarantine_id = $1", [id]);
  const key = await dayKey(log.db, log.keys, row?.bytes_day as string, false);
  return unseal(key as Buffer, row?.bytes as Buffer);
}

async function balance(): Promise<unknown> {
  return (await sourceBalances(log.db)).find((one) => one.source === source.source);
}
