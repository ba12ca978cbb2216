import { transaction } from "@jukebase/platform";
import { auditTrail, verifyAudit } from "@jukebase/platform/audit.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eraseSubject, holdingsOf } from "./erase.ts";
import { exportSubject } from "./export-subject.ts";
import { openTestLog, outcomesOf, project, send, signal, somebodyWaits, type TestLog } from "./log.testing.ts";
import { fixQuarantine } from "./mend.ts";
import { replay } from "./replay.ts";
import { revealFor } from "./reveal.ts";
import { joined, retracted, shop, visited } from "./shop.testing.ts";
import type { Source } from "./source.ts";
import { projectionBalance, sourceBalances } from "./status.ts";
import { parseSubject, type Subject, subjectText } from "./subject.ts";
import { keep, reveal } from "./vault.ts";

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

const by = { actor: "cli:test", why: "asked by letter" };
const phone = "+39 333 1234567";
const subjectOf = (id: string): Subject => ({ kind: "member", namespace: source.namespace, id });
const lost = async (): Promise<unknown[]> => [
  ...(await sourceBalances(log.db)).filter((balance) => balance.lost !== 0),
  ...[await projectionBalance(log.db, shop)].filter((balance) => balance.lost !== 0),
];
const held = (): Promise<Record<string, unknown>[]> =>
  log.rows(
    "select event_id, status, bytes is not null or fixed is not null as readable from events.quarantine order by line, event_id",
  );

describe("erasing a person", () => {
  test("takes its values and its key, leaves every other's, and says how much it was", async () => {
    await send(
      log,
      source,
      joined("m", { id: "j" }, { Phone: phone, Email: "m@example.com" }),
      joined("n", { id: "k" }, { Phone: "555-0001" }),
    );
    const before = await log.rows("select * from events.log order by log_id");
    const done = await eraseSubject(log, subjectOf("m"), by);
    expect(done).toMatchObject({
      subject: `member:${source.source}:m`,
      erased_at: null,
      values: { "$.Email": 1, "$.Phone": 1 },
      events: 1,
      unknown_fields: 0,
      quarantine: { open: 0, resolved: 0 },
      ...{ erased_by: by.actor, why: by.why, at: "2025-03-01T12:00:00.000Z" },
    });
    expect(await log.rows("select subject from vault.subject")).toEqual([{ subject: subjectText(subjectOf("n")) }]);
    expect(await log.rows("select distinct subject from vault.value")).toEqual([{ subject: subjectText(subjectOf("n")) }]);
    expect(await log.rows("select * from events.log order by log_id")).toEqual(before);
    const proof = await verifyAudit(log.db);
    expect(proof).toMatchObject({ head: done.audit.head, entries: done.audit.seq, broken: [] });
    const [entry] = await auditTrail(log.db, { action: "privacy.erase" });
    expect(entry).toMatchObject({ actor: by.actor, object: subjectText(subjectOf("m")), why: by.why, before: { events: 1 } });
    expect(JSON.stringify(entry)).not.toContain(phone);
  });

  test("lets its later events in, with their personal values dropped and counted", async () => {
    await send(log, source, joined("m", { id: "j" }, { Phone: phone }));
    await eraseSubject(log, subjectOf("m"), by);
    const verdicts = await send(
      log,
      source,
      joined("m", { id: "j2" }, { Phone: phone, Email: "m@example.com" }),
      joined("n", { id: "k" }, { Phone: "555-0001" }),
      joined("m", { id: "j" }, { Phone: phone }),
    );
    expect(outcomesOf(verdicts)).toEqual(["accepted", "accepted", "duplicate"]);
    const [later] = await log.rows("select data ->> 'Phone' as token from events.log where event_id = 'j2'");
    expect(later?.token).toMatch(/^tok_/);
    expect(await reveal(log.db, log.keys, later?.token as string)).toBeUndefined();
    expect(await log.rows("select subject from vault.value")).toEqual([{ subject: subjectText(subjectOf("n")) }]);
    expect(await log.rows("select subject from vault.subject")).toEqual([{ subject: subjectText(subjectOf("n")) }]);
    expect(await log.rows("select dropped from vault.erased")).toEqual([{ dropped: 2 }]);
  });

  test("takes out unknown fields of its events, of retractions of them, and of others that hold a value of it", async () => {
    await send(
      log,
      source,
      joined("m", { id: "j" }, { Phone: phone, Remark: "likes jazz" }),
      joined("n", { id: "k" }, { Phone: "555-0001", Remark: `same as 0039 (333) 123-4567? no: +393331234567` }),
      joined("o", { id: "l" }, { Remark: "likes rock" }),
      retracted("j", { id: "r", data: { Reason: "moved away" } }),
      visited("m", { id: "v" }, { Note: "called" }),
    );
    const done = await eraseSubject(log, subjectOf("m"), by);
    expect(done.unknown_fields).toBe(3);
    expect(await log.rows("select event_id from events.log where unknown is not null order by 1")).toEqual([
      { event_id: "l" },
      { event_id: "v" },
    ]);
  });

  test("expires its open quarantined events, shreds its resolved ones, and leaves the others'", async () => {
    await send(log, source, joined("m", { id: "j" }, { Phone: phone }));
    await send(
      log,
      source,
      joined("m", { id: "1 its own" }, { MemberName: "" }),
      joined(" m ", { id: "2 badly written" }, { OccurredAt: "soon" }),
      joined("x", { id: "3 holds a value" }, { MemberName: "", Remark: "0039 333 1234567, or 333/123.45.67? +39-333-1234567" }),
      joined("o", { id: "4 another's" }, { MemberName: "" }),
      { type: "Shop.Unheard", id: "5 of no known type", data: { MemberId: "m" } },
      visited("m", { id: "6 does not tell of persons" }, { Minutes: "x" }),
      joined("m", { id: "7 mended and replayed" }, { MemberName: "" }),
    );
    const [seventh] = await log.rows("select quarantine_id from events.quarantine where event_id like '7%'");
    await fixQuarantine(log, seventh?.quarantine_id as string, JSON.stringify(joined("m", { id: "7 mended and replayed" })));
    expect(await replay(log, { ids: [seventh?.quarantine_id as string] })).toMatchObject({ logged: 1 });
    const done = await eraseSubject(log, subjectOf("m"), by);
    expect(done.quarantine).toEqual({ open: 4, resolved: 1 });
    expect(await held()).toEqual([
      { event_id: "1 its own", status: "expired", readable: false },
      { event_id: "2 badly written", status: "expired", readable: false },
      { event_id: "3 holds a value", status: "expired", readable: false },
      { event_id: "4 another's", status: "open", readable: true },
      { event_id: "5 of no known type", status: "expired", readable: false },
      { event_id: "6 does not tell of persons", status: "open", readable: true },
      { event_id: "7 mended and replayed", status: "replayed", readable: false },
    ]);
    expect(await lost()).toEqual([]);
  });

  test("does not take a date of birth, or a short word, for a person", async () => {
    await send(log, source, joined("m", { id: "j" }, { Phone: "112", Email: "1990-01-01" }));
    await send(log, source, joined("n", { id: "k" }, { MemberName: "", Phone: "112", Remark: "1990-01-01" }));
    expect((await eraseSubject(log, subjectOf("m"), by)).quarantine).toEqual({ open: 0, resolved: 0 });
  });

  test("changes no table, and a rebuild gives the same", async () => {
    await send(
      log,
      source,
      joined("m", { id: "j" }, { Phone: phone }),
      visited("m", { id: "v" }),
      joined("m", { id: "a", amends: "j" }, { Phone: "2" }),
    );
    await project(log);
    const tables = async (): Promise<unknown> => [
      await log.rows("select * from shop.member"),
      await log.rows("select * from shop.joining"),
      await log.rows("select * from shop.visit"),
    ];
    const before = await tables();
    await eraseSubject(log, subjectOf("m"), by);
    await project(log);
    expect(await tables()).toEqual(before);
    await log.rows("truncate shop.joining, shop.visit, shop.member, events.checkpoint");
    await project(log);
    expect(await tables()).toEqual(before);
    expect(await lost()).toEqual([]);
  });

  test("again finds what came since, and nothing else", async () => {
    await send(log, source, joined("m", { id: "j" }, { Phone: phone }));
    await eraseSubject(log, subjectOf("m"), by);
    await send(log, source, joined("m", { id: "broken" }, { MemberName: "" }));
    const again = await eraseSubject(log, subjectOf("m"), by);
    expect(again).toMatchObject({ erased_at: "2025-03-01T12:00:00Z", values: {}, quarantine: { open: 1, resolved: 0 } });
  });

  test("of somebody unknown is refused and leaves nothing; without a reason too", async () => {
    await send(log, source, joined("m", { id: "j" }, { Phone: phone }));
    await expect(eraseSubject(log, subjectOf("nobody"), by)).rejects.toMatchObject({ name: "NotFound" });
    await expect(holdingsOf(log, { ...subjectOf("m"), namespace: "elsewhere" })).rejects.toMatchObject({ name: "NotFound" });
    await expect(eraseSubject(log, subjectOf("m"), { ...by, why: " " })).rejects.toMatchObject({ name: "Invalid" });
    expect(await log.rows("select count(*) as n from vault.erased")).toEqual([{ n: 0 }]);
    expect(await log.rows("select count(*) as n from vault.subject")).toEqual([{ n: 1 }]);
  });
});

describe("an erasure and the intake at the same time", () => {
  const value = (): { token: string; subject: string; field: string; value: string } => ({
    token: "late",
    subject: subjectText(subjectOf("m")),
    field: "$.Phone",
    value: phone,
  });

  test("a batch that has sealed a value is waited for, and its value goes too", async () => {
    await send(log, source, joined("m", { id: "j" }));
    const [sealed, go] = [signal(), signal()];
    const batch = transaction(log.database.pg, async (db) => {
      await keep(db, log.keys, [value()]);
      sealed.give();
      await go.given;
    });
    await sealed.given;
    const erasing = eraseSubject(log, subjectOf("m"), by);
    await somebodyWaits(log);
    go.give();
    await batch;
    expect(await erasing).toMatchObject({ values: { "$.Phone": 1 } });
    expect(await log.rows("select token from vault.value")).toEqual([]);
    expect(await log.rows("select subject from vault.subject")).toEqual([]);
  });

  test.each(["known before", "not known before"])(
    "a batch that comes while it runs waits, and keeps nothing: %s",
    async (how) => {
      await send(log, source, joined("m", { id: "j" }, how === "known before" ? { Phone: phone } : {}));
      const [items, go] = [signal(), signal()];
      const holding = transaction(log.database.pg, async (db) => {
        await db.query("lock table events.quarantine in access exclusive mode"); // Holds the erasure after it took the subject.
        items.give();
        await go.given;
      });
      await items.given;
      const erasing = eraseSubject(log, subjectOf("m"), by);
      await somebodyWaits(log);
      const late = transaction(log.database.pg, (db) => keep(db, log.keys, [value()]));
      await bothWait();
      go.give();
      await Promise.all([holding, erasing, late]);
      expect(await log.rows("select token from vault.value")).toEqual([]);
      expect(await log.rows("select subject from vault.subject")).toEqual([]);
      expect(await log.rows("select dropped from vault.erased")).toEqual([{ dropped: 1 }]);
    },
  );

  async function bothWait(): Promise<void> {
    for (let look = 0; look < 5000; look += 1) {
      const waiting = await log.rows(
        "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      if (waiting.length >= 2) return;
    }
    throw new Error("They do not both wait.");
  }
});

describe("what is known of a person", () => {
  test("is given out with the events it came with, and that is written down", async () => {
    await send(log, source, joined("m", { id: "j" }, { Phone: phone }), joined("n", { id: "k" }, { Phone: "555-0001" }));
    await send(log, source, joined("m", { id: "broken" }, { MemberName: "" }));
    const found = await exportSubject(log, subjectOf("m"), { actor: "cli:test", purpose: "a request" });
    expect(found.events).toMatchObject([{ event_id: "j", data: { MemberName: "Name m" }, personal: { "$.Phone": phone } }]);
    expect(found.values).toMatchObject([{ field: "$.Phone", value: phone, event_key: found.events[0]?.event_key }]);
    expect(found.quarantine).toHaveLength(1);
    expect((await auditTrail(log.db, { action: "privacy.export" }))[0]).toMatchObject({ why: "a request", after: { values: 1 } });
    await expect(exportSubject(log, subjectOf("x"), { actor: "cli:test", purpose: "a request" })).rejects.toMatchObject({
      name: "NotFound",
    });
  });

  test("is revealed by its tokens for a purpose, written down before", async () => {
    await send(log, source, joined("m", { id: "j" }, { Phone: phone }));
    const [event] = await log.rows("select data ->> 'Phone' as token from events.log");
    const token = event?.token as string;
    expect(await revealFor(log, [token, "tok_none"], { actor: "cli:test", purpose: "to call" })).toEqual(
      new Map([[token, phone]]),
    );
    expect((await auditTrail(log.db, { action: "privacy.reveal" }))[0]).toMatchObject({
      object: `${token} tok_none`,
      why: "to call",
    });
    await expect(revealFor(log, [token], { actor: "cli:test", purpose: "" })).rejects.toMatchObject({ name: "Invalid" });
    await expect(revealFor(log, ["tok_none"], { actor: "cli:test", purpose: "to call" })).rejects.toMatchObject({
      name: "NotFound",
    });
  });
});

describe("a subject", () => {
  test("is written as kind, namespace and id, or as kind and id beside a namespace", () => {
    expect(parseSubject("member:shop:a:b", log.contracts)).toEqual({ kind: "member", namespace: "shop", id: "a:b" });
    expect(parseSubject("member:a:b", log.contracts, "shop")).toEqual({ kind: "member", namespace: "shop", id: "a:b" });
  });

  test.each(["agent:shop:1", "member", "member:shop", "member:shop: ", ""])("is not %j", (text) => {
    expect(() => parseSubject(text, log.contracts)).toThrow(/is no kind of subject; known are member|does not say of whom/);
  });
});
