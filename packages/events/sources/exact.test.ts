import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseExact } from "./exact.ts";

const issueOf = (text: string) => {
  const parsed = parseExact(text);
  return parsed.ok ? undefined : parsed.issue;
};
const read = (text: string) => {
  const parsed = parseExact(text);
  return parsed.ok ? parsed.value : parsed.issue;
};
const acceptedByJson = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
};

describe("a sound text", () => {
  test("is read as JSON.parse reads it, whatever it holds", () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: "grapheme", maxDepth: 5 }), (text) => {
        fc.pre(!text.includes("__proto__") && !/\d{16}|e/i.test(text.replace(/true|false/g, "")));
        expect(read(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  test("and a broken one are told apart exactly as JSON.parse tells them", () => {
    const scraps = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      "\\",
      "a",
      '"k"',
      "1",
      "-",
      "0",
      ".5",
      "e9",
      "true",
      "nul",
      " ",
      "\n",
      "\\u00e",
      "\u0001",
    );
    fc.assert(
      fc.property(fc.array(scraps, { maxLength: 12 }), (parts) => {
        const text = parts.join("");
        const issue = issueOf(text);
        fc.pre(issue?.code !== "duplicate-key");
        expect(issue === undefined).toBe(acceptedByJson(text));
      }),
      { numRuns: 5000 },
    );
  });
});

describe("a number", () => {
  test.each([
    "9007199254740993",
    "12345678901234567890",
    "0.30000000000000001",
    "1e400",
    "-1e400",
    "1e-400",
    "3.141592653589793238",
    "1e21",
  ])("that JavaScript would round stays its text: %s", (text) => {
    expect(read(`{"amount":[${text}]}`)).toEqual({ amount: [text] });
  });

  test.each([
    ["0", 0],
    ["29.33", 29.33],
    ["9007199254740991", 9007199254740991],
    ["0.10000000000000000000", 0.1],
    ["1.5e3", 1500],
    ["1e-7", 1e-7],
    ["0e99999", 0],
  ])("that it holds exactly stays a number: %s", (text, value) => {
    expect(read(text)).toBe(value);
  });

  test("is never altered: its decimal text is that of its source", () => {
    const digits = fc.stringMatching(/^[1-9][0-9]{0,22}$/);
    fc.assert(
      fc.property(digits, digits, (whole, fraction) => {
        const source = `${whole}.${fraction.replace(/0+$/, "") || "1"}`;
        expect(String(read(source))).toBe(source);
      }),
    );
  });

  test("of a million digits is read in no time", () => {
    expect(read("1".repeat(1e6))).toBe("1".repeat(1e6));
    expect(read(`0.${"0".repeat(5e5)}1${"0".repeat(5e5)}`)).toHaveLength(1_000_003);
  });
});

describe("what is refused says where and why", () => {
  test("a trailing comma, as the example events of the seed have it", () => {
    const text =
      '{\n  "DeviceId": "123",\n  "DeviceDetails": {\n    "DevicePrice": 2535,\n    "Id": "123",\n  },\n  "OccurredAt": "01/01/01"\n}';
    expect(issueOf(text)).toEqual({
      path: "$.DeviceDetails",
      code: "trailing-comma",
      rule: 'Has a trailing comma before the "}" at line 6, column 3; take the comma away.',
    });
    expect(issueOf("[1,]")?.code).toBe("trailing-comma");
  });

  test.each([
    ['{"a":1', "broken-json", "$", 'Is broken JSON: expected a comma "," or the closing "}", found the end at line 1, column 7.'],
    ["{'a':1}", "broken-json", "$", 'Is broken JSON: expected a key in double quotes, found "\'" at line 1, column 2.'],
    ['{"a":NaN}', "broken-json", "$.a", 'Is broken JSON: expected a value, found "N" at line 1, column 6.'],
    ['{"a":1}{"b":2}', "broken-json", "$", 'Is broken JSON: expected nothing more, found "{" at line 1, column 8.'],
    [
      '{"a":"x\ny"}',
      "broken-json",
      "$.a",
      "A string holds a raw line break or control character at line 1, column 8; write it as an escape.",
    ],
    [
      '{"a":{"b":1,"b":2}}',
      "duplicate-key",
      "$.a.b",
      "The key is given twice in one object, the second time at line 1, column 16.",
    ],
    [
      '{"b":1,"\\u0062":2}',
      "duplicate-key",
      "$.b",
      "The key is given twice in one object, the second time at line 1, column 16.",
    ],
    [
      '{"a":[0,"x\\u0000"]}',
      "nul-character",
      "$.a[1]",
      "Holds a NUL character (\\u0000) in the string that ends at line 1, column 18.",
    ],
    ['{"a":"x\0"}', "nul-character", "$.a", "Holds a NUL character at line 1, column 8; no text may."],
    [
      '{"a":"\\ud83d"}',
      "lone-surrogate",
      "$.a",
      "Holds half a character (a lone surrogate) in the string that ends at line 1, column 14.",
    ],
    [
      '{"a b":{"__proto__":1}}',
      "forbidden-key",
      '$["a b"].__proto__',
      'The key "__proto__" is not allowed at line 1, column 20.',
    ],
  ])("%s", (text, code, path, rule) => {
    expect(issueOf(text)).toEqual({ code, path, rule });
  });

  test("a NUL or half a character in a key, with a path that a database can store", () => {
    expect(issueOf('{"a\\u0000b":1}')?.code).toBe("nul-character");
    expect(issueOf('{"a\\ud83d":1}')?.code).toBe("lone-surrogate");
  });

  test("nesting of more than 32 levels, however deep", () => {
    expect(issueOf("[".repeat(32) + "]".repeat(32))).toBeUndefined();
    expect(issueOf("[".repeat(33) + "]".repeat(33))?.code).toBe("too-deep");
    expect(issueOf("[".repeat(1e6))?.code).toBe("too-deep");
  });

  test("more than 1,000 keys", () => {
    const withKeys = (count: number) =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, at])));
    expect(issueOf(withKeys(1000))).toBeUndefined();
    expect(issueOf(withKeys(1001))?.code).toBe("too-many-keys");
  });

  test("and a whole character of four bytes, bidirectional marks and both normal forms pass unaltered", () => {
    const text = JSON.stringify({ name: "\u{1f3b5}\u202eabc", "\u00e9": "e\u0301" });
    expect(read(text)).toEqual(JSON.parse(text));
  });
});
