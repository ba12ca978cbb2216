import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { setModes } from "./contract-modes.ts";
import { everyType } from "./contracts/index.ts";
import { eraseSubject } from "./erase.ts";
import { eventKey } from "./identity.ts";
import { openTestLog, send, type TestLog } from "./log.testing.ts";
import { showEvent } from "./log.ts";
import { listQuarantine, showQuarantine } from "./quarantine.ts";
import { joined } from "./shop.testing.ts";
import type { Source } from "./source.ts";
import { sourceBalances } from "./status.ts";

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

const by = { actor: "test:ann", why: "a test" };
const erase = (id: string) => eraseSubject(log, { kind: "member", namespace: source.namespace, id }, by);
const readable = () => log.rows("select event_id, status, bytes is not null as readable from events.quarantine order by ordinal");

test("discarded values name whom they tell of, and go when that person is erased", async () => {
  await setModes(log, everyType, { columns: "discard_value", data_type: "discard_value" }, by);
  await send(log, source, joined("m", { id: "j" }, { Phone: { mobile: "555" } }), joined("n", { id: "k" }, { Remark: "tall" }));
  const values = (await listQuarantine(log.db, { status: "discarded-value" })).map(async ({ quarantine_id }) =>
    JSON.parse((await showQuarantine(log.db, log.keys, quarantine_id)).received as string),
  );
  expect(await Promise.all(values)).toEqual([
    { Remark: "tall", MemberId: "n" },
    { Phone: { mobile: "555" }, MemberId: "m" },
  ]);
  await erase("m");
  expect(await readable()).toEqual([
    { event_id: "j", status: "discarded-value", readable: false },
    { event_id: "k", status: "discarded-value", readable: true },
  ]);
  expect((await sourceBalances(log.db)).find((each) => each.source === source.source)).toMatchObject({
    received: 2,
    logged: 2,
    lost: 0,
  });
});

test("an event tells which of its values were discarded, where they are kept, and whether they can still be read", async () => {
  await setModes(log, everyType, { columns: "discard_value", data_type: "discard_value" }, by);
  await send(log, source, joined("m", { id: "j" }, { Phone: { mobile: "555" }, Remark: "tall" }), joined("n", { id: "k" }));
  const [held] = await listQuarantine(log.db, { status: "discarded-value" });
  const told = {
    quarantine: held?.quarantine_id,
    since: "2025-03-01T12:00:00Z",
    issues: [
      { path: "$.Phone", code: expect.any(String), rule: expect.any(String) },
      { path: "$.Remark", code: "unknown-field", rule: expect.any(String) },
    ],
    readable: true,
  };
  expect((await showEvent(log.db, "j", source.source)).discarded).toEqual([told]);
  expect((await showEvent(log.db, "k", source.source)).discarded).toEqual([]);
  expect(held).toMatchObject({ value_of: eventKey(source.source, "j"), event_key: null });
  await erase("m");
  expect((await showEvent(log.db, "j", source.source)).discarded).toEqual([{ ...told, readable: false }]);
  await log.rows("delete from vault.day_key");
  expect((await showEvent(log.db, "j", source.source)).discarded).toEqual([{ ...told, readable: false }]);
});

test("values that evolve are kept with the unknown fields, and go when that person is erased", async () => {
  await setModes(log, everyType, { columns: "evolve", data_type: "evolve" }, by);
  await send(log, source, joined("m", { id: "j" }, { Phone: { mobile: "555" } }));
  expect(await log.rows("select unknown is not null as kept from events.log")).toEqual([{ kept: true }]);
  await erase("m");
  expect(await log.rows("select unknown is not null as kept from events.log")).toEqual([{ kept: false }]);
});
