import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonical } from "./canonical.ts";
import { bodyHash, eventKey, factId } from "./identity.ts";
import { keysFrom } from "./keys.ts";

const keys = keysFrom(Buffer.alloc(32, 7).toString("base64"));

describe("the canonical text of a JSON value", () => {
  test("is JSON that says the same, whatever the value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test("does not depend on the order of keys, and does on that of arrays", () => {
    expect(canonical({ b: 1, a: { d: [1, 2], c: null } })).toBe('{"a":{"c":null,"d":[1,2]},"b":1}');
    expect(canonical([1, 2])).not.toBe(canonical([2, 1]));
  });

  test("leaves out what is undefined, as JSON does", () => {
    expect(canonical({ a: undefined, b: 1 })).toBe('{"b":1}');
    expect(canonical([undefined])).toBe("[null]");
  });
});

describe("the key of an event", () => {
  test("is the first half of SHA-256 of source and id, as a uuid that never changes", () => {
    expect(eventKey("crm", "1")).toBe("2fc90dbd-dda9-c241-2ae1-da5114926370");
  });

  test("does not confuse a source and an id that run into one another", () => {
    expect(eventKey("ab", "c")).not.toBe(eventKey("a", "bc"));
  });
});

test("a fact's id is a function of source, type, content, occurrence and scope", () => {
  const given = ["crm", "T", bodyHash(keys, {}), 1, ""] as const;
  const made = factId(...given);
  expect(made).toMatch(/^f_[\w-]{27}$/);
  expect(factId(...given)).toBe(made);
  const others = [
    factId("x", "T", given[2], 1, ""),
    factId("crm", "U", given[2], 1, ""),
    factId("crm", "T", "c", 1, ""),
    factId("crm", "T", given[2], 2, ""),
    factId("crm", "T", given[2], 1, "s"),
  ];
  expect(new Set([made, ...others]).size).toBe(6);
});
