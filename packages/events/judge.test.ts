import { describe, expect, test } from "vitest";
import { contractRegistry } from "./contracts/index.ts";
import { type Bench, type Judged, judge } from "./judge.ts";
import { keysFrom } from "./keys.ts";
import { lines } from "./log.testing.ts";
import { joined, retracted, shopEvents, visited } from "./shop.testing.ts";
import type { RawEnvelope } from "./sources/index.ts";

const bench: Bench = {
  contracts: contractRegistry(shopEvents),
  source: { source: "crm", kind: "facts", namespace: "crm", dialect: { timeZone: "UTC", currency: "USD" } },
  keys: keysFrom(Buffer.alloc(32, 7).toString("base64")),
  receivedAt: new Date("2025-03-01T12:00:00Z"),
};

const judged = (envelope: RawEnvelope): Judged => judge(lines(envelope)[0] as never, bench);
const issuesOf = (envelope: RawEnvelope): unknown => {
  const verdict = judged(envelope);
  return verdict.sound ? "sound" : verdict.issues.map(({ path, code }) => `${path} ${code}`);
};

describe("an envelope", () => {
  test.each<[string, RawEnvelope, unknown]>([
    ["that says all it may", visited("m", { id: "v", source: "crm", version: 1, time: "2025-01-01" }), "sound"],
    ["with a whole number for an id", visited("m", { id: 7 }), "sound"],
    ["with an id of 200 characters", visited("m", { id: "x".repeat(200) }), "sound"],
    ["without a type", { data: {} }, ["$.type no-type"]],
    ["of a type that nobody knows", { type: "Shop.Unheard", data: {} }, ["$.type unknown-type"]],
    ["with an empty id", visited("m", { id: " " }), ["$.id bad-id"]],
    ["with an id too long", visited("m", { id: "x".repeat(201) }), ["$.id bad-id"]],
    ["with half a number for an id", visited("m", { id: 0.5 }), ["$.id bad-id"]],
    ["with an object for an id", visited("m", { id: {} }), ["$.id bad-id"]],
    ["that amends nothing that could be", visited("m", { amends: [] }), ["$.amends bad-id"]],
    ["that amends and retracts", visited("m", { amends: "a", retracts: "b" }), ["$.retracts amends-and-retracts"]],
    ["of another source", visited("m", { source: "shop" }), ["$.source wrong-source"]],
    ["with a version that is no version", visited("m", { version: "one" }), ["$.version bad-version"]],
    ["of a version in full", visited("m", { version: "1-0-0" }), "sound"],
    ["of a version as text", visited("m", { version: "1" }), "sound"],
    ["of an addition that there is not yet", visited("m", { version: "1-0-1" }), ["$.version unknown-version"]],
    ["of a version that there is not", visited("m", { version: 9 }), ["$.version unknown-version"]],
    ["with a time that is no text", visited("m", { time: 5 }), ["$.time bad-time"]],
    ["without data", { type: "Shop.VisitMade" }, ["$ not-an-object"]],
    [
      "with everything wrong at once",
      { type: 5, id: "", retracts: {}, source: "x", version: "x", time: 1 },
      ["$.type no-type", "$.id bad-id", "$.retracts bad-id", "$.source wrong-source", "$.version bad-version", "$.time bad-time"],
    ],
  ])("%s", (_, envelope, expected) => {
    expect(issuesOf(envelope)).toEqual(expected);
  });

  test("gives its time to a body that has none", () => {
    const { OccurredAt: _, ...data } = visited("m").data as Record<string, unknown>;
    const verdict = judged({ type: "Shop.VisitMade", time: "2025-01-05T06:00:00+06:00", data });
    expect(verdict).toMatchObject({ sound: true, body: { occurredAt: "2025-01-05T00:00:00Z" } });
  });

  test("names its event by trimmed text", () => {
    expect(judged(visited("m", { id: " 7 ", amends: 5 }))).toMatchObject({ id: "7", amends: "5" });
  });
});

describe("an event in the future", () => {
  test("is taken up to 24 hours after its receipt, and no later", () => {
    expect(issuesOf(visited("m", {}, { OccurredAt: "2025-03-02T12:00:00Z" }))).toBe("sound");
    expect(issuesOf(visited("m", {}, { OccurredAt: "2025-03-02T12:00:00.001Z" }))).toEqual(["$.OccurredAt in-the-future"]);
  });
});

describe("a retraction", () => {
  test("needs no data, keeps what it carries apart, and counts from its receipt", () => {
    expect(judged(retracted("v"))).toMatchObject({
      sound: true,
      retracts: "v",
      body: { data: {}, unknown: undefined, occurredAt: "2025-03-01T12:00:00.000Z" },
    });
    expect(judged(retracted("v", { data: { Reason: "typo" } }))).toMatchObject({
      sound: true,
      body: { data: {}, unknown: { Reason: "typo" } },
    });
  });
});

describe("the hash of an event", () => {
  const hashOf = (envelope: RawEnvelope): unknown => {
    const verdict = judged(envelope);
    return verdict.sound ? verdict.hash : undefined;
  };

  test("is the same for the same event, whatever its id and the order of its keys", () => {
    const { type, data } = visited("m");
    expect(hashOf({ data, id: "b", type })).toBe(hashOf({ type, id: "a", data }));
  });

  test("is the same however its version is named", () => {
    const named = [1, "1", "1-0-0"].map((version) => hashOf(visited("m", { version })));
    expect(new Set(named).size).toBe(1);
  });

  test("is another for anything else that an event says", () => {
    const variants = [
      visited("m"),
      visited("n"),
      visited("m", {}, { Minutes: "5" }),
      visited("m", { version: 1 }),
      visited("m", { time: "2025-01-01" }),
      visited("m", { amends: "x" }),
      retracted("x"),
      retracted("y"),
      joined("m"),
    ];
    expect(new Set(variants.map(hashOf)).size).toBe(variants.length);
  });

  test("is another under another master key", () => {
    const other = judge(lines(visited("m"))[0] as never, { ...bench, keys: keysFrom(Buffer.alloc(32, 8).toString("base64")) });
    expect(other).toMatchObject({ sound: true });
    expect(other.sound && other.hash).not.toBe(hashOf(visited("m")));
  });
});

test("what an envelope carries beyond its members is kept with the unknown fields, and makes no other event of it", () => {
  const [bare, traced] = [judged(visited("m")), judged({ ...visited("m"), trace: "t1" } as RawEnvelope)];
  expect(traced).toMatchObject({ sound: true, body: { unknown: { $envelope: { trace: "t1" } } } });
  expect(traced.sound && traced.hash).toBe(bare.sound && bare.hash);
});
