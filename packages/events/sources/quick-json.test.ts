import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseClosely, parseExact } from "./exact.ts";
import { quickJson } from "./quick-json.ts";

describe("the short way", () => {
  test("agrees with the closer look on every JSON text, however it is spaced", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6, stringUnit: "grapheme" }), fc.constantFrom(0, 1, 2), (value, space) => {
        const text = JSON.stringify(value, null, space);
        expect(parseExact(text)).toEqual(parseClosely(text));
      }),
      { numRuns: 2000 },
    );
  });

  test("agrees with it on texts put together of scraps", () => {
    const scraps = fc.constantFrom(
      ...["{", "}", "[", "]", ",", ":", '"a"', '"b"', '"', "\\", "\\u0000", "1", "-", "0", ".5", "e9", "E+2", " ", "\n", "true"],
      ...["12345678901234567", "123456789012345", "0.1", "__proto__", '"__proto__"', "\ud800", "😀", "\u0001", "null"],
    );
    fc.assert(
      fc.property(fc.array(scraps, { maxLength: 14 }), (parts) => {
        const text = parts.join("");
        expect(parseExact(text)).toEqual(parseClosely(text));
      }),
      { numRuns: 20_000 },
    );
  });

  test.each([
    '{"a":1,"a":2}',
    '{"a": 1, "b": {"c": "x", "c": "x"}}',
    '{"a":9007199254740993}',
    '{"a":123456789012345680000}',
    '{"a": 1e400}',
    "1e400",
    '{"__proto__":1}',
    '{"a":"\\u0000"}',
    `${"[".repeat(33)}${"]".repeat(33)}`,
    `{"k":[${Array.from({ length: 1001 }, (_, n) => `{"${n}":0}`)}]}`,
    '{"a":"\ud800"}',
  ])("leaves to the closer look: %s", (text) => {
    expect(quickJson(text)).toBeUndefined();
  });

  test.each(['{"a": 12.50, "b": ["x", 7]}', '{"a":"1e5","b":-0.25}', '{"2":1,"1":2}', "[]", '{ "id" : "a-1" }'])(
    "takes: %s",
    (text) => {
      expect(quickJson(text)).toEqual({ value: JSON.parse(text) });
    },
  );
});
