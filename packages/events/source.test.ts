import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestLog, send, type TestLog } from "./log.testing.ts";
import { visited } from "./shop.testing.ts";
import { declareSource } from "./source.ts";

let log: TestLog;

beforeAll(async () => {
  log = await openTestLog();
});
afterAll(() => log?.close());

describe("a source", () => {
  test("is made when it is first named: facts, a namespace of its own, UTC and dollars", async () => {
    expect(await declareSource(log.db, "crm")).toEqual({
      source: "crm",
      kind: "facts",
      namespace: "crm",
      dialect: { timeZone: "UTC", currency: "USD" },
    });
  });

  test("keeps what was declared, and changes only what is declared anew", async () => {
    await declareSource(log.db, "till", {
      kind: "observations",
      namespace: "shop",
      dateOrder: "dmy",
      timeZone: "Europe/Rome",
      currency: "EUR",
    });
    expect(await declareSource(log.db, "till", { currency: "CHF" })).toEqual({
      source: "till",
      kind: "observations",
      namespace: "shop",
      dialect: { dateOrder: "dmy", timeZone: "Europe/Rome", currency: "CHF" },
    });
    expect(await declareSource(log.db, "till")).toMatchObject({ kind: "observations", dialect: { currency: "CHF" } });
  });

  test("may be renamed to another namespace until it has sent, and not after", async () => {
    await declareSource(log.db, "web", { namespace: "one" });
    const source = await declareSource(log.db, "web", { namespace: "two" });
    await send(log, source, visited("m", { id: "v" }));
    await expect(declareSource(log.db, "web", { namespace: "three" })).rejects.toMatchObject({ name: "Conflict" });
    expect(await declareSource(log.db, "web", { namespace: "two" })).toMatchObject({ namespace: "two" });
  });

  test.each(["", "CRM", "a b", "-a", "x".repeat(64), "a'b"])("is not called %j", async (name) => {
    await expect(declareSource(log.db, name)).rejects.toMatchObject({
      name: "Invalid",
      message: expect.stringContaining("cannot name a source"),
    });
  });

  test("has a zone and a currency that there are", async () => {
    await expect(declareSource(log.db, "crm", { timeZone: "Mars/Olympus" })).rejects.toThrow(
      '"Mars/Olympus" is not a time zone: give an IANA name, for example Europe/Rome.',
    );
    await expect(declareSource(log.db, "crm", { currency: "usd" })).rejects.toThrow(
      '"usd" is not a currency: give its ISO 4217 code, for example USD.',
    );
    expect(await declareSource(log.db, "crm", { timeZone: "UTC" })).toMatchObject({ dialect: { timeZone: "UTC" } });
  });

  test("declared twice at once is one source", async () => {
    const [one, other] = await Promise.all([declareSource(log.db, "twice"), declareSource(log.db, "twice")]);
    expect(one).toEqual(other);
  });
});
