import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decimal, defineEvent, id, name, occurredAt } from "./contracts/index.ts";
import { keysFrom } from "./keys.ts";
import { openTestLog, send, type TestLog } from "./log.testing.ts";
import { makePartitions, prepareLog } from "./prepare.ts";
import { joined, shopEvents } from "./shop.testing.ts";

let log: TestLog;

beforeAll(async () => {
  log = await openTestLog();
});
afterAll(() => log?.close());

const contract = (extra: object, described = "A thing was sold.") =>
  defineEvent({
    type: "Test.ThingSold",
    description: described,
    naturalKey: "thing_id",
    versions: { 1: { fields: { ThingId: id("The thing, as it's called."), OccurredAt: occurredAt(), ...extra } } },
  });

const viewOid = async (): Promise<unknown> => (await log.rows("select 'events.test_thing_sold'::regclass::oid as oid"))[0]?.oid;

describe("typed views", () => {
  test("are made for each contract, with its words as comments", async () => {
    await prepareLog(log.db, [contract({})], log.keys, log.clock);
    expect(
      await log.rows(
        "select col_description('events.test_thing_sold'::regclass, attnum) as said from pg_attribute where attrelid = 'events.test_thing_sold'::regclass and attname = 'thing_id'",
      ),
    ).toEqual([{ said: expect.stringContaining("The thing, as it's called.") }]);
  });

  test("stay as they are while the contract does, and are made anew when it changes", async () => {
    await prepareLog(log.db, [contract({})], log.keys, log.clock);
    const before = await viewOid();
    await prepareLog(log.db, [contract({})], log.keys, log.clock);
    expect(await viewOid()).toBe(before);
    await prepareLog(log.db, [contract({ Price: decimal("The price.") })], log.keys, log.clock);
    expect(await viewOid()).not.toBe(before);
    expect(await log.rows("select thing_id, price from events.test_thing_sold")).toEqual([]);
    await prepareLog(log.db, [contract({ Title: name("The title.") }, "Described otherwise.")], log.keys, log.clock);
    expect(await log.rows("select thing_id, title from events.test_thing_sold")).toEqual([]);
  });

  test("show what is logged, in columns", async () => {
    await send(log, await log.source({ namespace: "house" }), joined("m", { id: "j" }));
    expect(
      await log.rows("select namespace, event_id, member_id, member_name, occurred_at, phone from events.shop_member_joined"),
    ).toEqual([
      {
        namespace: "house",
        event_id: "j",
        member_id: "m",
        member_name: "Name m",
        occurred_at: "2025-01-01T00:00:00Z",
        phone: null,
      },
    ]);
  });
});

describe("partitions", () => {
  const partitions = async (): Promise<unknown[]> =>
    (
      await log.rows(
        "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'events.log'::regclass order by 1",
      )
    ).map(({ name }) => name);

  test("are there for this month and the next two, and for all else", async () => {
    expect(await partitions()).toEqual(["events.log_2025_03", "events.log_2025_04", "events.log_2025_05", "events.log_default"]);
  });

  test("are made ahead as time goes on, over the turn of a year, each once", async () => {
    await log.empty(); // What lies elsewhere would have its month's partition made too.
    expect(await makePartitions(log.db, new Date("2030-11-30T23:59:59Z"))).toEqual(["log_2030_11", "log_2030_12", "log_2031_01"]);
    expect(await makePartitions(log.db, new Date("2030-12-01T00:00:00Z"))).toEqual(["log_2031_02"]);
    expect(await makePartitions(log.db, new Date("2030-12-31T00:00:00Z"))).toEqual([]);
  });

  const place = async (logId: string): Promise<unknown> => {
    const rows = await log.rows(
      `insert into events.log (log_id, event_key, batch_id, ordinal, type, version, normaliser, source, event_id, occurred_at, data)
       values ($1, $1, 0, 0, 'T', 1, 1, 's', 'e', now(), '{}')
       returning tableoid::regclass::text as place`,
      [logId],
    );
    return rows[0]?.place;
  };
  const at = (iso: string): string =>
    Date.parse(iso)
      .toString(16)
      .padStart(12, "0")
      .replace(/^(.{8})(.{4})$/, "$1-$2-7000-8000-000000000000");

  test("take an event by when it was received, to the millisecond", async () => {
    expect(await place(at("2025-03-31T23:59:59.999Z"))).toBe("events.log_2025_03");
    expect(await place(at("2025-04-01T00:00:00.000Z"))).toBe("events.log_2025_04");
    expect(await place(at("2027-04-01T00:00:00.000Z"))).toBe("events.log_default");
    await log.rows("delete from events.log where batch_id = 0");
  });

  test("of a month that is over are made too when its events had to lie elsewhere", async () => {
    expect(await place(at("2028-02-29T12:00:00Z"))).toBe("events.log_default");
    expect(await makePartitions(log.db, new Date("2030-12-31T00:00:00Z"))).toEqual(["log_2028_02"]);
    expect(await log.rows("select tableoid::regclass::text as place from events.log where batch_id = 0")).toEqual([
      { place: "events.log_2028_02" },
    ]);
    await log.rows("delete from events.log where batch_id = 0");
  });

  test("can still be made when nobody made them in time: what had to lie elsewhere moves in, and nothing is lost", async () => {
    const source = await log.source();
    await send(log, source, joined("m", { id: "j" }), joined("n", { id: "k" }, { Phone: "1", Odd: "x" }));
    const before = await log.rows("select * from events.log order by log_id");
    const [now] = await log.rows("select uuid_extract_timestamp(uuidv7()) as now");
    await makePartitions(log.db, new Date(now?.now as string));
    expect(await log.rows("select * from events.log order by log_id")).toEqual(before);
    expect(await log.rows("select count(*) as n from events.log_default")).toEqual([{ n: 0 }]);
    await send(log, source, joined("o", { id: "l" }), joined("m", { id: "j" }));
    expect(await log.rows("select event_id from events.log where source = $1 order by log_id", [source.source])).toEqual([
      { event_id: "j" },
      { event_id: "k" },
      { event_id: "l" },
    ]);
  });
});

describe("the master key", () => {
  test("of another installation is refused before anything is done", async () => {
    const other = keysFrom(Buffer.alloc(32, 8).toString("base64"));
    await expect(prepareLog(log.db, shopEvents, other, log.clock)).rejects.toMatchObject({
      name: "Conflict",
      message: `This database was sealed with another master key. Give the one with the fingerprint ${log.keys.fingerprint} (JUKEBASE_KEY, JUKEBASE_KEY_FILE, or the key file in .jukebase); that given has ${other.fingerprint}.`,
    });
    await prepareLog(log.db, shopEvents, log.keys, log.clock);
  });

  test("is known by a fingerprint that does not tell it", async () => {
    const [row] = await log.rows("select key_fingerprint from platform.installation");
    expect(row?.key_fingerprint).toMatch(/^[0-9a-f]{16}$/);
    expect(row?.key_fingerprint).toBe(log.keys.fingerprint);
  });
});
