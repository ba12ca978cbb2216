import { auditTrail } from "@jukebase/platform/audit.ts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { listModes, type ModeChange, setModes } from "./contract-modes.ts";
import { everyType } from "./contracts/index.ts";
import { eventKey } from "./identity.ts";
import { openTestLog, outcomesOf, send, type TestLog } from "./log.testing.ts";
import { listQuarantine, showQuarantine } from "./quarantine.ts";
import { replay } from "./replay.ts";
import { joined, retracted, visited } from "./shop.testing.ts";
import type { Source } from "./source.ts";
import { sourceBalances } from "./status.ts";
import { dayKey, unseal } from "./vault.ts";

let log: TestLog;
let source: Source;

beforeAll(async () => {
  log = await openTestLog();
});
beforeEach(async () => {
  await log.empty();
  for (const { type, entity } of await listModes(log.db)) await set(type, { [entity]: null });
  log.clock.set("2025-03-01T12:00:00Z");
  source = await log.source();
});
// Whatever a mode did: nothing is lost, and nothing is counted twice.
afterEach(async () => {
  expect((await sourceBalances(log.db)).filter(({ lost }) => lost !== 0)).toEqual([]);
});
afterAll(() => log?.close());

const set = (type: string, change: ModeChange) => setModes(log, type, change, { actor: "test:ann", why: "a test" });
const visits = (change: ModeChange) => set("Shop.VisitMade", change);
const cheap = visited("m", { id: "v" }, { Spent: "a lot" });
const strange = visited("m", { id: "v" }, { Weather: "fine" });

describe("a value that breaks its field's rule", () => {
  test("refuses its event, unless something else was said", async () => {
    expect(outcomesOf(await send(log, source, cheap))).toEqual(["quarantined"]);
    expect(await held()).toMatchObject([{ status: "open", reason: "not-a-number", resolution: null }]);
  });

  test("is kept sealed with the unknown fields under evolve, and its event is logged without it", async () => {
    await visits({ data_type: "evolve" });
    expect(outcomesOf(await send(log, source, cheap))).toEqual(["accepted"]);
    const [event] = await log.rows("select data, sent, unknown from events.log");
    expect(event).toMatchObject({ data: { MemberId: "m", Minutes: 5 }, sent: null });
    expect(event?.data).not.toHaveProperty("Spent");
    expect(await unsealed(event?.unknown)).toEqual({ Spent: "a lot" });
    expect(await held()).toEqual([]);
  });

  test("is kept in quarantine under discard_value, linked to its event and counted as nothing", async () => {
    await visits({ data_type: "discard_value" });
    await send(log, source, cheap);
    expect(await log.rows("select data ? 'Spent' as has_it, unknown from events.log")).toEqual([
      { has_it: false, unknown: null },
    ]);
    expect(await held()).toMatchObject([
      {
        status: "discarded-value",
        reason: "discarded-value",
        event_id: "v",
        issues: [{ path: "$.Spent", code: "not-a-number" }],
      },
    ]);
    expect(await log.rows("select value_of from events.quarantine")).toEqual([{ value_of: eventKey(source.source, "v") }]);
    expect(await shown()).toBe('{"Spent":"a lot"}');
    expect(await balance()).toMatchObject({ received: 1, logged: 1, in_quarantine: 0, discarded: 0 });
    expect(await replay(log, {})).toMatchObject({ taken: 0 });
  });

  test("is discarded once, however often its event comes", async () => {
    await visits({ data_type: "discard_value" });
    await send(log, source, cheap, cheap);
    expect(outcomesOf(await send(log, source, cheap))).toEqual(["duplicate"]);
    expect(await held()).toHaveLength(1);
    expect(await balance()).toMatchObject({ received: 3, logged: 1, duplicates: 2 });
  });

  test("discards its event under discard_row, with the mode as the reason why", async () => {
    await visits({ data_type: "discard_row" });
    expect(outcomesOf(await send(log, source, cheap, visited("m", {}, { Minutes: "many" })))).toEqual([
      "quarantined",
      "quarantined",
    ]);
    expect(await held()).toMatchObject([
      { status: "discarded", reason: "not-a-whole-number" },
      {
        status: "discarded",
        reason: "not-a-number",
        resolution: "Discarded by the mode discard_row for data_type of Shop.VisitMade.",
      },
    ]);
    expect(await balance()).toMatchObject({ received: 2, discarded: 2, in_quarantine: 0 });
  });

  test.each(["evolve", "discard_value", "freeze"] as const)("of a required field refuses its event under %s", async (mode) => {
    await visits({ data_type: mode });
    await send(log, source, visited("m", {}, { Minutes: "many", Spent: "a lot" }), visited("m", {}, { OccurredAt: "one day" }));
    expect(await held()).toMatchObject([
      { status: "open", reason: "not-a-date" },
      { status: "open", reason: "not-a-whole-number", issues: [{ path: "$.Minutes" }, { path: "$.Spent" }] },
    ]);
  });

  test.each(["evolve", "discard_value", "discard_row"] as const)(
    "is not what ails an event that lacks a field: %s",
    async (mode) => {
      await visits({ data_type: mode });
      await send(
        log,
        source,
        visited("m", {}, { Minutes: undefined }),
        visited("m", { version: 9 }),
        visited("m", { version: "1-0-1" }),
        visited("m", {}, { OccurredAt: "2025-04-01T00:00:00Z" }),
      );
      expect((await held()).map(({ status, reason }) => `${status} ${reason}`).sort()).toEqual([
        "open in-the-future",
        "open missing",
        "open unknown-version",
        "open unknown-version",
      ]);
    },
  );
});

describe("a field that no contract names", () => {
  test("is kept sealed, unless something else was said", async () => {
    await send(log, source, strange);
    const [event] = await log.rows("select unknown from events.log");
    expect(await unsealed(event?.unknown)).toEqual({ Weather: "fine" });
  });

  test("refuses its event under freeze, by its path", async () => {
    await visits({ columns: "freeze" });
    await send(log, source, visited("m", {}, { Weather: "fine", "a b@c": { d: 1 } }));
    expect(await held()).toMatchObject([
      {
        status: "open",
        reason: "unknown-field",
        issues: [
          { path: "$.Weather", code: "unknown-field" },
          { path: "$.…", code: "unknown-field" },
        ],
      },
    ]);
  });

  test("discards its event under discard_row", async () => {
    await visits({ columns: "discard_row" });
    await send(log, source, strange, visited("m", { id: "w" }));
    expect(await held()).toMatchObject([
      { status: "discarded", resolution: "Discarded by the mode discard_row for columns of Shop.VisitMade." },
    ]);
    expect(await balance()).toMatchObject({ received: 2, logged: 1, discarded: 1 });
  });

  test("is kept in quarantine under discard_value, together with a broken value", async () => {
    await visits({ columns: "discard_value", data_type: "discard_value" });
    await send(log, source, visited("m", { id: "v" }, { Weather: "fine", Spent: "a lot" }));
    expect(await log.rows("select unknown from events.log")).toEqual([{ unknown: null }]);
    expect(await held()).toMatchObject([{ issues: [{ path: "$.Spent" }, { path: "$.Weather" }] }]);
    expect(JSON.parse((await shown()) as string)).toEqual({ Spent: "a lot", Weather: "fine" });
  });

  test("of an envelope or of a retraction is kept sealed under any mode", async () => {
    await visits({ columns: "freeze", data_type: "discard_row" });
    const traced = { ...visited("m", { id: "v" }), trace: "t" };
    expect(outcomesOf(await send(log, source, traced, retracted("v", { id: "r", data: { Reason: "typo" } })))).toEqual([
      "accepted",
      "accepted",
    ]);
  });
});

describe("an event of an unknown type", () => {
  const unheard = { type: "Shop.Unheard", id: "u", data: { Phone: "555" } };

  test("waits in quarantine, unless something else was said", async () => {
    await send(log, source, unheard);
    expect(await held()).toMatchObject([{ status: "open", reason: "unknown-type" }]);
  });

  test.each(["discard_row", "discard_value"] as const)("is discarded under %s, of that type or of all", async (mode) => {
    await set("Shop.Unheard", { tables: mode });
    await send(log, source, unheard, { ...unheard, type: "Shop.Other" }, { ...unheard, version: "x" });
    expect((await held()).map(({ type, status }) => `${type} ${status}`).sort()).toEqual([
      "Shop.Other open",
      "Shop.Unheard discarded",
      "Shop.Unheard open",
    ]);
    await set(everyType, { tables: mode });
    await send(log, source, { ...unheard, type: "Shop.Another" });
    expect(await held()).toMatchObject([
      { status: "discarded", resolution: `Discarded by the mode ${mode} for tables of types without a contract.` },
      {},
      {},
      {},
    ]);
  });
});

describe("a mode", () => {
  test("of a type goes before that of all types", async () => {
    await set(everyType, { columns: "freeze" });
    await set("Shop.MemberJoined", { columns: "evolve" });
    const sent = [strange, joined("m", { id: "j" }, { Weather: "fine" })];
    expect(outcomesOf(await send(log, source, ...sent))).toEqual(["quarantined", "accepted"]);
  });

  test("holds for a replay as it stands that day", async () => {
    await send(log, source, cheap);
    await visits({ data_type: "discard_value" });
    expect(await replay(log, {})).toEqual({ taken: 1, logged: 1, duplicates: 0, left: 0 });
    expect((await held()).map(({ status }) => status).sort()).toEqual(["discarded-value", "replayed"]);
    expect(await balance()).toMatchObject({ received: 1, logged: 1 });
  });

  test("may discard what is replayed", async () => {
    await send(log, source, cheap);
    await visits({ data_type: "discard_row" });
    expect(await replay(log, {})).toMatchObject({ taken: 1, logged: 0, left: 1 });
    expect(await held()).toMatchObject([
      { status: "discarded", resolution: expect.stringContaining("discard_row"), attempts: 1 },
    ]);
    expect(await balance()).toMatchObject({ received: 1, discarded: 1 });
  });

  test("that another process sets takes effect within two seconds", async () => {
    await send(log, source, visited("m", { id: "a" }, { Weather: "fine" }));
    await log.rows("insert into events.contract_mode values ('Shop.VisitMade', 'columns', 'freeze', now(), 'cli:ann')");
    log.clock.set("2025-03-01T12:00:02Z");
    expect(outcomesOf(await send(log, source, strange))).toEqual(["quarantined"]);
  });

  test("is written into the audit log, and can be taken back", async () => {
    await visits({ columns: "freeze", data_type: "evolve" });
    await visits({ columns: null });
    expect(await listModes(log.db)).toMatchObject([
      { type: "Shop.VisitMade", entity: "data_type", mode: "evolve", set_by: "test:ann" },
    ]);
    expect(await auditTrail(log.db, { action: "contract.mode" }, 1)).toMatchObject([
      {
        actor: "test:ann",
        object: "Shop.VisitMade",
        why: "a test",
        before: { columns: "freeze", data_type: "evolve" },
        after: { data_type: "evolve" },
      },
    ]);
  });

  test("that makes no sense is refused in words", async () => {
    await expect(visits({ columns: "sometimes" as never })).rejects.toThrow(
      /"sometimes" is not a mode for columns; there are evolve/,
    );
    await expect(visits({})).rejects.toThrow(/Say which mode to set/);
    await expect(set("Shop.Unheard", { columns: "freeze" })).rejects.toThrow(/There is no contract "Shop.Unheard"/);
    await expect(set("a type", { tables: "freeze" })).rejects.toThrow(/no spaces/);
    expect(await listModes(log.db)).toEqual([]);
  });
});

async function held() {
  const all = await Promise.all(
    ["open", "replayed", "discarded", "expired", "discarded-value"].map((status) => listQuarantine(log.db, { status })),
  );
  return all.flat().sort((a, b) => b.quarantine_id.localeCompare(a.quarantine_id));
}

async function shown(): Promise<string | undefined> {
  const [item] = await held();
  return (await showQuarantine(log.db, log.keys, item?.quarantine_id as string)).received;
}

async function unsealed(bytes: unknown): Promise<unknown> {
  const key = await dayKey(log.db, log.keys, "2025-03-01", false);
  return JSON.parse(unseal(key as Buffer, bytes as Buffer).toString());
}

async function balance() {
  const [mine] = (await sourceBalances(log.db)).filter((each) => each.source === source.source);
  return mine;
}
