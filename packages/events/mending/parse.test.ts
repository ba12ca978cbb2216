import { describe, expect, test } from "vitest";
import { describeProgram } from "./describe.ts";
import { parseProgram } from "./parse.ts";

describe("an expression", () => {
  test("is read as instructions, separated by semicolons or line ends", () => {
    const text = `set $.data.Currency = "EUR" if missing; rename $.data.Amount to $.data.PaymentAmount
      remove $.data["odd; name"];; replace $.data.Items[0] "," with "."; copy $.id to $.data.Id if missing;`;
    expect(parseProgram(text)).toEqual([
      { does: "set", at: ["data", "Currency"], value: "EUR", onlyIfMissing: true },
      { does: "rename", from: ["data", "Amount"], to: ["data", "PaymentAmount"], onlyIfMissing: false },
      { does: "remove", at: ["data", "odd; name"] },
      { does: "replace", at: ["data", "Items", 0], old: ",", by: "." },
      { does: "copy", from: ["id"], to: ["data", "Id"], onlyIfMissing: true },
    ]);
  });

  test("sets any JSON value", () => {
    const value = (text: string): unknown => (parseProgram(`set $.a = ${text}`)[0] as { value: unknown }).value;
    expect(['"a;b\\"c"', "null", "true", "12", '{"b": [1, "}"]}'].map(value)).toEqual(['a;b"c', null, true, 12, { b: [1, "}"] }]);
  });

  test("is described without its values", () => {
    const text = 'set $.data.Phone = "555-0100" if missing; replace $.data.Name "Ada" with "Bob"; remove $.x; copy $.a to $.b';
    expect(describeProgram(parseProgram(text))).toBe(
      "set $.data.Phone = … if missing; replace $.data.Name … with …; remove $.x; copy $.a to $.b",
    );
  });

  test.each([
    ["", /^The expression says nothing\. For example: set/],
    ["sett $.a = 1", /at character 1: expected set, rename, copy, remove or replace, found "sett \$\.a = 1"\.$/],
    ["set $ = 1", /expected a step into the event/],
    ["set data = 1", /at character 5: expected "\$", found "data = 1"/],
    ["set $.a = EUR", /expected a JSON value \(a text stands in double quotes\)/],
    ['set $.a = {"b": 1, "b": 2}', /The key is given twice/],
    ['set $.a = {"__proto__": 1}', /"__proto__" is not allowed/],
    ["set $.__proto__.polluted = 1", /No place is called "__proto__"/],
    ['set $["__proto__"].polluted = 1', /No place is called "__proto__"/],
    ["rename $.a $.b", /expected "to"/],
    ["set $.a = 1 if absent", /expected "missing"/],
    ["remove $.a remove $.b", /expected ";" or the end, found "remove \$\.b"/],
    ['replace $.a "" with "x"', /a text that is not empty/],
    ["replace $.a 1 with 2", /a text in double quotes/],
    [`set $.a = "${"x".repeat(10_000)}"`, /longer than 10000 characters/],
    ["remove $.a;".repeat(101), /more than 100 instructions/],
    [`remove $${".a".repeat(33)}`, /at most 32 steps deep/],
  ])("that cannot be read says where: %s", (text, message) => {
    expect(() => parseProgram(text)).toThrow(message);
  });
});
