import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseExact } from "../sources/index.ts";
import { applyProgram } from "./apply.ts";
import { parseProgram } from "./parse.ts";
import type { Instruction, Place } from "./program.ts";
import { parseVerbatim } from "./verbatim.ts";

const event =
  '{"type":"T","data":{"Amount":"1,50","Rate":1.10,"Big":12345678901234567890.123,"Items":[{"N":1},{"N":2}],"No":null}}';

describe("an instruction", () => {
  test.each([
    ['set $.data.Currency = "EUR"', '{"Currency":"EUR"}'],
    ['set $.data.Where.City = "Rome"', '{"Where":{"City":"Rome"}}'],
    ["set $.data.No = 1 if missing", "{}"],
    ["set $.data.Items[1].N = 12345678901234567890.5", '{"Items":[{"N":1},{"N":12345678901234567890.5}]}'],
    ["copy $.data.Big to $.data.Copy", '{"Copy":12345678901234567890.123}'],
    ["copy $.data.Big to $.data.Rate if missing", "{}"],
    ['replace $.data.Amount "," with "."', '{"Amount":"1.50"}'],
    ['replace $.data.Rate "." with ","', '{"Rate":"1,10"}'],
    ['replace $.data.Items "." with ","', "{}"],
    ["remove $.data.Items[0]", '{"Items":[{"N":2}]}'],
    ["remove $.data.Nothing.There", "{}"],
    ["rename $.data.Nothing to $.data.Something", "{}"],
    ['set $.data.constructor = "c"', '{"constructor":"c"}'],
  ])("changes what it names and nothing else: %s", (program, changed) => {
    const before = JSON.parse(event) as { data: object };
    const after = JSON.parse(after_(program)) as { data: object };
    expect(after).toEqual({ ...before, data: { ...before.data, ...(JSON.parse(changed) as object) } });
    expect(after_(program)).toContain('"type":"T"');
  });

  test("keeps every number that it does not touch digit by digit", () => {
    expect(after_('set $.data.x = "y"')).toBe(event.replace("}}", ',"x":"y"}}').replace('null,"x"', 'null,"x"'));
  });

  test("that renames moves the value as it is, also up and down", () => {
    expect(after_("rename $.data.Amount to $.data.PaymentAmount")).toContain('"No":null,"PaymentAmount":"1,50"}');
    expect(after_("rename $.data to $.data.Inner")).toContain('"data":{"Inner":{"Amount"');
  });

  test.each([
    ["set $.type.deeper = 1", "no-such-place", "$.type.deeper"],
    ["set $.data.Items[2] = 1", "no-such-place", "$.data.Items[2]"],
    ["set $.data.Big.x = 1", "no-such-place", "$.data.Big.x"],
    ["rename $.data.Amount to $.data.No", "place-taken", "$.data.No"],
    [`set $.a = "${"x".repeat(500)}"; ${'replace $.a "x" with "xx"; '.repeat(8)}`, "too-long", "$.a"],
    [`set $.a = "${"x".repeat(5000)}"; copy $.a to $.b`, "too-long", "$.a"],
  ])("that cannot be carried out says where: %s", (program, code, path) => {
    expect(applyProgram(parseProgram(program), parseVerbatim(event))).toMatchObject({ ok: false, issue: { code, path } });
  });
});

const name = fc.oneof(fc.constantFrom("a", "b", "data", "constructor", "toString", "0", "length"), fc.string({ maxLength: 4 }));
const step = fc.oneof(name, fc.nat(3)).filter((one) => one !== "__proto__");
const place: fc.Arbitrary<Place> = fc.array(step, { minLength: 1, maxLength: 4 });
const instruction: fc.Arbitrary<Instruction> = fc.oneof(
  fc.record({ does: fc.constant("set" as const), at: place, value: fc.jsonValue(), onlyIfMissing: fc.boolean() }),
  fc.record({ does: fc.constantFrom("rename" as const, "copy" as const), from: place, to: place, onlyIfMissing: fc.boolean() }),
  fc.record({ does: fc.constant("remove" as const), at: place }),
  fc.record({ does: fc.constant("replace" as const), at: place, old: fc.string({ minLength: 1 }), by: fc.string() }),
);
const envelope = fc.dictionary(name, fc.jsonValue({ maxDepth: 4 })).map((value) => JSON.stringify(value));

test("no program on no event throws, or changes the event it was given, or anything beyond", () => {
  const prototypes = [Object.prototype, Array.prototype, String.prototype].map((one) => Object.getOwnPropertyNames(one).join());
  fc.assert(
    fc.property(fc.array(instruction, { maxLength: 6 }), envelope, (program, text) => {
      fc.pre(parseExact(text).ok);
      const given = parseVerbatim(text);
      const before = JSON.stringify(given);
      applyProgram(program, given);
      expect(JSON.stringify(given)).toBe(before);
    }),
    { numRuns: 2000 },
  );
  expect([Object.prototype, Array.prototype, String.prototype].map((one) => Object.getOwnPropertyNames(one).join())).toEqual(
    prototypes,
  );
});

test("what no instruction names is afterwards the very value that it was", () => {
  fc.assert(
    fc.property(fc.array(instruction, { maxLength: 6 }), envelope, (program, text) => {
      const given = parseVerbatim(text) as Record<string, unknown>;
      const applied = applyProgram(program, given);
      if (!applied.ok) return;
      const named = new Set(
        program.flatMap((one) => ("at" in one ? [one.at] : [one.from, one.to])).map(([first]) => String(first)),
      );
      for (const key of Object.keys(given))
        if (!named.has(key)) expect((applied.value as Record<string, unknown>)[key]).toBe(given[key]);
    }),
    { numRuns: 2000 },
  );
});

test("no text makes reading an expression throw anything but a sentence, or take long", () => {
  const pieces = fc.constantFrom(
    "set ",
    "$",
    ".a",
    "[",
    "]",
    '"',
    "\\",
    "=",
    "{",
    "}",
    " to ",
    ";",
    "if missing",
    "1",
    "e",
    "__proto__",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(pieces, { maxLength: 60 }).map((all) => all.join("")),
        fc.string(),
      ),
      (text) => {
        try {
          parseProgram(text);
        } catch (error) {
          expect((error as Error).name).toBe("Invalid");
        }
      },
    ),
    { numRuns: 5000 },
  );
});

function after_(program: string): string {
  const applied = applyProgram(parseProgram(program), parseVerbatim(event));
  if (!applied.ok) throw new Error(applied.issue.rule);
  return JSON.stringify(applied.value);
}
