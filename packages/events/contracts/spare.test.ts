import { describe, expect, test } from "vitest";
import { defineEvent } from "./define.ts";
import { currency, id, integer, money, name, nested, occurredAt } from "./fields/index.ts";
import { plain } from "./fields/readings.testing.ts";
import { sampleContract } from "./sample.testing.ts";

const order = defineEvent({
  type: "Test.Ordered",
  description: "Something was ordered.",
  naturalKey: "order_id",
  needs: [{ kind: "desk", column: "desk" }],
  unwrap: "Order",
  versions: {
    1: {
      fields: {
        OrderId: id("The order."),
        Count: integer("How many.").optional(),
        Tip: money("A tip.").optional(),
        Currency: currency("Of the tip.").optional(),
        Desk: name("Where.").optional(),
        Terms: nested("How it is paid.", { Parts: integer("In how many parts."), Note: name("A note.").optional() }).optional(),
        Where: nested("A place.", { Room: name("The room.").optional() }),
        OccurredAt: occurredAt(),
      },
    },
  },
});
const right = { OrderId: 1, Where: {}, OccurredAt: "2025-01-01T00:00:00Z" };

const spared = (body: unknown) => {
  const verdict = order.normalise(body, 1, undefined, plain);
  if (verdict.ok) throw new Error("nothing is broken");
  const found = order.spare(body, 1, verdict.issues);
  return found && { body: found.body, broken: found.broken.map(({ path, value }) => [path, value]) };
};
const isByValue = (body: unknown): boolean => {
  const verdict = order.normalise(body, 1, undefined, plain);
  return !verdict.ok && order.breaksByValue(body, 1, verdict.issues);
};

describe("a value is spared", () => {
  test.each<[string, Record<string, unknown>, unknown]>([
    ["where it is optional", { Count: "many" }, [["$.Count", "many"]]],
    ["inside a group", { Where: { Room: {} } }, [["$.Where.Room", {}]]],
    ["with the optional group that cannot do without it", { Terms: { Parts: "few" } }, [["$.Terms", { Parts: "few" }]]],
    ["with the optional group that lacks another", { Terms: { Note: "soon" } }, [["$.Terms", { Note: "soon" }]]],
    [
      "once, though two parts of its group are broken",
      { Terms: { Parts: "x", Note: true } },
      expect.arrayContaining([["$.Terms", { Parts: "x", Note: true }]]),
    ],
    [
      "beside others",
      { Count: "many", Tip: "much" },
      [
        ["$.Count", "many"],
        ["$.Tip", "much"],
      ],
    ],
    ["with a currency that no amount needs", { Currency: "shells" }, [["$.Currency", "shells"]]],
  ])("%s", (_, broken, expected) => {
    expect(spared({ ...right, ...broken })?.broken).toEqual(expected);
  });

  test("under a wrapper, where it stood, and is absent afterwards", () => {
    const found = spared({ Order: { ...right, Count: "many" }, Count: 5 });
    expect(found?.broken).toEqual([["$.Order.Count", "many"]]);
    expect(order.normalise(found?.body, 1, undefined, plain)).toMatchObject({
      ok: true,
      value: { data: { OrderId: "1" }, unknown: { Count: 5 } },
    });
  });
});

test.each<[string, Record<string, unknown>]>([
  ["a required value", { OrderId: {} }],
  ["a required group", { Where: 5 }],
  ["the moment of the event, although the envelope may have one", { OccurredAt: "once" }],
  ["what it waits for", { Desk: {} }],
  ["the currency of an amount, which would become another sum", { Tip: 5, Currency: "shells" }],
  ["anything, when something else is missing", { Count: "many", OrderId: undefined }],
])("%s is not spared", (_, broken) => {
  expect(spared({ ...right, ...broken })).toBeUndefined();
});

test.each<[string, Record<string, unknown>, boolean]>([
  ["a value", { Count: "many" }, true],
  ["a required value", { OrderId: {} }, true],
  ["a part of an optional group", { Terms: {} }, true],
  ["a missing field", { OrderId: undefined }, false],
  ["a value and a missing field", { Count: "many", OrderId: null }, false],
])("whether it is by value that %s breaks an event", (_, broken, expected) => {
  expect(isByValue({ ...right, ...broken })).toBe(expected);
});

test("a rule over several fields is no value's", () => {
  const body = { RentalId: 1, Line: { Price: 5, Title: "T" }, Length: 5, Loud: true, OccurredAt: "2025-01-01T00:00:00Z" };
  const verdict = sampleContract.normalise(body, 2, undefined, plain);
  if (verdict.ok) throw new Error("it has a grade");
  expect(sampleContract.breaksByValue(body, 2, verdict.issues)).toBe(false);
  expect(sampleContract.spare(body, 2, verdict.issues)).toBeUndefined();
});
