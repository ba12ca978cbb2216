import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keyOfDay, keysFrom } from "./keys.ts";
import { openTestLog, type TestLog } from "./log.testing.ts";
import { dayKey, keep, reveal, seal, token, unseal } from "./vault.ts";

const keys = keysFrom(Buffer.alloc(32, 7).toString("base64"));
const others = keysFrom(Buffer.alloc(32, 8).toString("base64"));
const secret = Buffer.from([0, 1, 2, 255]);

describe("a token", () => {
  const given: [string, string, string, string] = ["member:shop:m", "$.Phone", "crm", "e1"];

  test("is a function of subject, field, source and event, and of the key", () => {
    const made = token(keys, ...given);
    expect(made).toMatch(/^tok_[\w-]{27}$/);
    expect(token(keys, ...given)).toBe(made);
    expect(token(others, ...given)).not.toBe(made);
    for (const at of [0, 1, 2, 3]) {
      const [subject, field, source, event] = given.with(at, "another") as typeof given;
      expect(token(keys, subject, field, source, event)).not.toBe(made);
    }
  });

  test("does not confuse parts that run into one another", () => {
    expect(token(keys, "a", "bc", "d", "e")).not.toBe(token(keys, "ab", "c", "d", "e"));
  });
});

describe("what is sealed", () => {
  test.each([
    ["nothing", ""],
    ["text", "Jürgen 🎵"],
    ["bytes", secret],
  ])("comes back as it was: %s", (_, plain) => {
    const bytes = Buffer.from(plain as string);
    expect(unseal(keys.vault, seal(keys.vault, bytes))).toEqual(bytes);
  });

  test("never looks the same twice, and tells nothing but its length", () => {
    const [one, other] = [seal(keys.vault, Buffer.from("canary")), seal(keys.vault, Buffer.from("canary"))];
    expect(one.equals(other)).toBe(false);
    expect(one).toHaveLength(12 + 16 + 6);
    expect(one.includes("canary")).toBe(false);
  });

  test("opens with no other key, and not at all when one bit was changed, wherever it is", () => {
    const sealed = seal(keys.vault, secret);
    expect(() => unseal(others.vault, sealed)).toThrow();
    for (let at = 0; at < sealed.length; at += 1) {
      const tampered = Buffer.from(sealed);
      tampered[at] = (tampered[at] ?? 0) ^ 1;
      expect(() => unseal(keys.vault, tampered), `byte ${at}`).toThrow();
    }
    expect(() => unseal(keys.vault, sealed.subarray(0, -1))).toThrow();
    expect(() => unseal(keys.vault, Buffer.alloc(3))).toThrow();
  });
});

describe("keys", () => {
  test("are each another, and all others for another master key", () => {
    const all = [keys, others].flatMap(({ body, token, vault, day }) =>
      [body, token, vault, day].map((key) => key.toString("hex")),
    );
    expect(new Set(all).size).toBe(8);
    expect(keys.fingerprint).not.toBe(others.fingerprint);
    expect(keysFrom(` ${Buffer.alloc(32, 7).toString("base64")}\n`)).toEqual(keys);
  });

  test.each(["", "c2hvcnQ=", Buffer.alloc(33).toString("base64"), "not base64 at all"])("are not made of %j", (master) => {
    expect(() => keysFrom(master)).toThrow("The master key must be 32 bytes in base64. Make one with: openssl rand -base64 32");
  });

  test("of a day follow from its salt", () => {
    expect(keyOfDay(keys, secret)).toEqual(keyOfDay(keys, secret));
    expect(keyOfDay(keys, secret)).not.toEqual(keyOfDay(keys, Buffer.from("salt")));
  });
});

describe("in the database", () => {
  let log: TestLog;
  beforeAll(async () => {
    log = await openTestLog();
  });
  afterAll(() => log?.close());

  test("a day has one key, made when it is first asked for, gone with its salt", async () => {
    expect(await dayKey(log.db, keys, "2025-01-01", false)).toBeUndefined();
    const made = await dayKey(log.db, keys, "2025-01-01", true);
    expect(await dayKey(log.db, keys, "2025-01-01", true)).toEqual(made);
    expect(await dayKey(log.db, keys, "2025-01-02", true)).not.toEqual(made);
    await log.rows("delete from vault.day_key where day = '2025-01-01'");
    expect(await dayKey(log.db, keys, "2025-01-01", false)).toBeUndefined();
    expect(await dayKey(log.db, keys, "2025-01-01", true)).not.toEqual(made);
  });

  test("a value is revealed by its token; the first kept stays; an erased one is gone", async () => {
    await keep(log.db, log.keys, []);
    await keep(log.db, log.keys, [{ token: "t", subject: "member:s:1", field: "$.Phone", value: "4711" }]);
    await keep(log.db, log.keys, [{ token: "t", subject: "member:s:1", field: "$.Phone", value: "other" }]);
    expect(await reveal(log.db, log.keys, "t")).toBe("4711");
    await expect(reveal(log.db, others, "t")).rejects.toThrow();
    await log.rows("delete from vault.value where subject = 'member:s:1'");
    expect(await reveal(log.db, log.keys, "t")).toBeUndefined();
  });
});
