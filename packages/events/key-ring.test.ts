import { randomBytes } from "node:crypto";
import { transaction } from "@jukebase/platform";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { generationKey, openKeys, rewrapRing } from "./key-ring.ts";
import { keysFrom } from "./keys.ts";
import { openTestLog, outcomesOf, send, type TestLog } from "./log.testing.ts";
import { seal } from "./sealing.ts";
import { joined } from "./shop.testing.ts";
import { reveal, token } from "./vault.ts";

const master = Buffer.alloc(32, 7).toString("base64");
const next = Buffer.alloc(32, 8).toString("base64");
const at = new Date("2025-03-01T12:00:00Z");

let log: TestLog;

beforeEach(async () => {
  log = await openTestLog();
});
afterEach(() => log?.close());

describe("the key ring", () => {
  test("of a new installation holds secrets that do not follow from the master key, and gives them back", async () => {
    const again = await openKeys(log.db, master);
    expect(again).toEqual(log.keys);
    const derived = keysFrom(master);
    for (const name of ["body", "token", "vault", "day"] as const) expect(again[name]).not.toEqual(derived[name]);
    expect(new Set([again.body, again.token, again.vault, again.day, again.ring].map((key) => key.toString("hex"))).size).toBe(5);
  });

  test("holds no secret in clear", async () => {
    const secrets = [log.keys.body, log.keys.token, log.keys.vault, log.keys.day, ...log.keys.generations.values()];
    const rows = await log.rows("select wrapped from vault.secret");
    expect(rows).toHaveLength(5);
    for (const { wrapped } of rows) for (const secret of secrets) expect((wrapped as Buffer).includes(secret)).toBe(false);
  });

  test("is not opened by another master key, nor when two secrets changed places", async () => {
    await expect(openKeys(log.db, next)).rejects.toMatchObject({ name: "Conflict" });
    await log.rows(
      `update vault.secret set wrapped = (select wrapped from vault.secret where name = 'token') where name = 'body'`,
    );
    await expect(openKeys(log.db, master)).rejects.toThrow();
  });

  test("that lost a secret is said to be broken", async () => {
    await log.rows("delete from vault.secret where name = 'day'");
    await expect(openKeys(log.db, master)).rejects.toThrow('The key ring (vault.secret) lacks "day"; restore it from a backup.');
  });
});

describe("an installation of before there was a ring", () => {
  test("keeps the keys that followed from its master key: what it knew is a duplicate, what it sealed can be read", async () => {
    const derived = keysFrom(master);
    const source = await log.source();
    await log.rows("delete from vault.secret");
    const old = { ...log, keys: await openKeys(log.db, master) };
    expect(old.keys).toMatchObject({ body: derived.body, token: derived.token, vault: derived.vault, day: derived.day });
    await log.rows("delete from vault.secret"); // As the old code left it: events and values, and no ring.
    const subject = `member:${source.source}:m`;
    const phone = token(derived, subject, "$.Phone", source.source, "j");
    await log.rows("insert into vault.value (token, subject, field, ciphertext, key_id) values ($1, $2, '$.Phone', $3, 1)", [
      phone,
      subject,
      seal(derived.vault, Buffer.from("4711")),
    ]);

    const migrated = { ...log, keys: await openKeys(log.db, master) };
    expect(await log.rows("select count(*) as n from vault.secret")).toEqual([{ n: 5 }]);
    expect(await reveal(log.db, migrated.keys, phone)).toBe("4711");
    expect(outcomesOf(await send(migrated, source, joined("m", { id: "j" }, { Phone: "4711" })))).toEqual(["accepted"]);
    expect(await log.rows("select data ->> 'Phone' as token from events.log")).toEqual([{ token: phone }]);
    expect(await openKeys(log.db, master)).toEqual(migrated.keys);
  });
});

describe("another master key", () => {
  const change = (): Promise<string> => transaction(log.database.pg, (db) => rewrapRing(db, log.keys, next, at));

  test("opens the same secrets, so that what was known stays known", async () => {
    const source = await log.source();
    await send(log, source, joined("m", { id: "j" }, { Phone: "4711" }));
    await change();
    const keys = await openKeys(log.db, next);
    expect({ ...keys, ring: undefined, fingerprint: undefined }).toEqual({
      ...log.keys,
      ring: undefined,
      fingerprint: undefined,
    });
    expect(outcomesOf(await send({ ...log, keys }, source, joined("m", { id: "j" }, { Phone: "4711" })))).toEqual(["duplicate"]);
    const [event] = await log.rows("select data ->> 'Phone' as token from events.log");
    expect(await reveal(log.db, keys, event?.token as string)).toBe("4711");
  });

  test("makes the one before refused, and says that it is the one before", async () => {
    await change();
    await expect(openKeys(log.db, master)).rejects.toThrow(
      /^The master key given is the one before it was changed on 2025-03-01\. Give the one with the fingerprint [0-9a-f]{16} /,
    );
    await expect(openKeys(log.db, Buffer.alloc(32, 9).toString("base64"))).rejects.toThrow(
      "This database was sealed with another master key.",
    );
  });

  test("does not disturb who has the keys open, but what was sealed later under it stays closed to them", async () => {
    await change();
    const source = await log.source();
    expect(outcomesOf(await send(log, source, joined("n", { id: "k" }, { Phone: "1" })))).toEqual(["accepted"]);
    const keys = await openKeys(log.db, next);
    await log.rows("insert into vault.secret (name, generation, wrapped) values ('kek', 2, $1)", [
      seal(keys.ring, randomBytes(32), "kek 2"),
    ]);
    expect(await generationKey(log.db, log.keys, 2)).toBeUndefined();
    expect(await generationKey(log.db, keys, 2)).toBeInstanceOf(Buffer);
  });

  test("is not changed twice by two who start from the same one", async () => {
    await change();
    await expect(change()).rejects.toMatchObject({ name: "Conflict" });
  });
});
