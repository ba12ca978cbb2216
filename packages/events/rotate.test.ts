import { transaction } from "@jukebase/platform";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openKeys } from "./key-ring.ts";
import { openTestLog, send, signal, somebodyWaits, type TestLog } from "./log.testing.ts";
import { rotateKeys } from "./rotate.ts";
import { seal } from "./sealing.ts";
import { joined } from "./shop.testing.ts";
import { keep, reveal, type VaultValue } from "./vault.ts";

let log: TestLog;

beforeAll(async () => {
  log = await openTestLog();
});
beforeEach(() => log.empty());
afterAll(() => log?.close());

const master = Buffer.alloc(32, 7).toString("base64");
const another = async (): Promise<TestLog> => ({ ...log, keys: await openKeys(log.db, master) });
const value = (n: number | string): VaultValue => ({
  token: `t${n}`,
  subject: `member:s:${n}`,
  field: "$.Phone",
  value: `phone ${n}`,
});
const generations = async (): Promise<unknown[]> =>
  (await log.rows("select generation from vault.secret where name = 'kek' order by 1")).map(({ generation }) => generation);
const used = async (): Promise<unknown[]> =>
  (await log.rows("select distinct generation from vault.subject order by 1")).map(({ generation }) => generation);

async function allReadable(count: number, keys = log.keys): Promise<void> {
  for (let n = 0; n < count; n += 1) expect(await reveal(log.db, keys, `t${n}`)).toBe(`phone ${n}`);
}

describe("a rotation", () => {
  test("seals every subject's key anew, more than one batch of them, and takes the older generation away", async () => {
    const [before] = await generations();
    await keep(
      log.db,
      log.keys,
      Array.from({ length: 1001 }, (_, n) => value(n)),
    );
    const sealed = await log.rows("select wrapped from vault.subject order by subject");
    const told: number[] = [];
    const done = await rotateKeys(await another(), "cli:test", ({ subjects }) => told.push(subjects));
    expect(done).toMatchObject({ generation: Number(before) + 1, resumed: false, subjects: 1001, values: 0, generations: 1 });
    expect(told).toEqual([1000, 1001]);
    expect([await generations(), await used()]).toEqual([[done.generation], [done.generation]]);
    const renewed = await log.rows("select wrapped from vault.subject order by subject");
    expect(renewed.filter(({ wrapped }, n) => (wrapped as Buffer).equals(sealed[n]?.wrapped as Buffer))).toEqual([]);
    await allReadable(20);
    expect(await log.rows("select count(*) as n from platform.audit where action = 'privacy.rotate'")).toEqual([{ n: 2 }]);
  });

  test("gives values of before subjects had keys the key of their subject; they are readable before and after", async () => {
    for (const n of [0, 1, 2]) {
      const { token, subject, field, value: plain } = value(n);
      await log.rows("insert into vault.value (token, subject, field, ciphertext, key_id) values ($1, $2, $3, $4, 1)", [
        token,
        n === 2 ? "member:s:1" : subject,
        field,
        seal(log.keys.vault, Buffer.from(plain)),
      ]);
    }
    await allReadable(3);
    expect(await rotateKeys(log, "cli:test")).toMatchObject({ values: 3, generations: 1 });
    expect(await log.rows("select key_id, count(*) as n from vault.value group by 1")).toEqual([{ key_id: 2, n: 3 }]);
    expect(await log.rows("select count(*) as n from vault.subject")).toEqual([{ n: 2 }]);
    await allReadable(3);
  });

  test("that was cut short is taken up: no second generation is made", async () => {
    await keep(log.db, log.keys, [value(0), value(1)]);
    const cut = await another();
    await expect(
      rotateKeys(cut, "cli:test", () => {
        throw new Error("cut short");
      }),
    ).rejects.toThrow("cut short");
    expect(await generations()).toHaveLength(2);
    await keep(log.db, log.keys, [value(2)]);
    await allReadable(3);
    expect(await rotateKeys(await another(), "cli:test")).toMatchObject({ resumed: true, generations: 1 });
    await allReadable(3);
    await allReadable(3, cut.keys);
  });

  test("waits for a batch that still seals under the older generation, and leaves none of its keys behind", async () => {
    const [sealed, go] = [signal(), signal()];
    const batch = transaction(log.database.pg, async (db) => {
      await keep(db, log.keys, [value(0)]);
      sealed.give();
      await go.given;
    });
    await sealed.given;
    const rotating = rotateKeys(await another(), "cli:test");
    await somebodyWaits(log);
    expect(await generations()).toHaveLength(2);
    go.give();
    await batch;
    expect(await rotating).toMatchObject({ generations: 1, subjects: 1 });
    await allReadable(1);
  });

  test("may go on under intake of processes that do not know of it: they take the new generation up", async () => {
    const source = await log.source();
    const old = await another();
    const rotating = rotateKeys(await another(), "cli:test");
    for (let n = 0; n < 20; n += 1) await send(old, source, joined(`m${n}`, { id: `j${n}` }, { Phone: `phone ${n}` }));
    expect(await rotating).toMatchObject({ generations: 1 });
    await send(old, source, joined("last", { id: "last" }, { Phone: "phone last" }));
    expect(await used()).toEqual(await generations());
    for (const { token, member } of await log.rows(
      "select data ->> 'Phone' as token, data ->> 'MemberId' as member from events.log",
    ))
      expect(await reveal(log.db, old.keys, token as string)).toBe(`phone ${String(member).replace("m", "")}`);
  });
});

describe("two batches that bring the same new subject", () => {
  test("agree on its key", async () => {
    const [sealed, go] = [signal(), signal()];
    const first = transaction(log.database.pg, async (db) => {
      await keep(db, log.keys, [value("x")]);
      sealed.give();
      await go.given;
    });
    await sealed.given;
    const second = keep(log.db, (await another()).keys, [{ ...value("x"), token: "ty", field: "$.Email" }]);
    await somebodyWaits(log);
    go.give();
    await Promise.all([first, second]);
    expect(await log.rows("select count(*) as n from vault.subject")).toEqual([{ n: 1 }]);
    expect([await reveal(log.db, log.keys, "tx"), await reveal(log.db, log.keys, "ty")]).toEqual(["phone x", "phone x"]);
  });

  test("in opposite orders, many at a time, do not lock each other out", async () => {
    const values = Array.from({ length: 200 }, (_, n) => value(n));
    await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        transaction(log.database.pg, (db) => keep(db, log.keys, n % 2 === 0 ? values : values.toReversed())),
      ),
    );
    expect(await log.rows("select count(*) as n from vault.value")).toEqual([{ n: 200 }]);
    await allReadable(200);
  });
});

test("a value opens in no other place than its own", async () => {
  await keep(log.db, log.keys, [value(0), { ...value(0), token: "t1", field: "$.Email" }]);
  await log.rows(
    "update vault.value set ciphertext = (select ciphertext from vault.value where token = 't1') where token = 't0'",
  );
  await expect(reveal(log.db, log.keys, "t0")).rejects.toThrow();
  expect(await reveal(log.db, log.keys, "t1")).toBe("phone 0");
});
