import fc from "fast-check";
import { expect, test } from "vitest";
import { unifiedDiff } from "./unified.ts";

const names = { from: "built", to: "source" };

test("a difference is shown with the lines around it, in the form that patch reads", () => {
  const before = ["select", "  a,", "  b,", "  c,", "  d,", "  e", "from shop.sale"];
  const after = before.map((line) => (line === "  c," ? "  c * 2 as c," : line));
  expect(unifiedDiff(before.join("\n"), after.join("\n"), names, 1)).toBe(
    ["--- built", "+++ source", "@@ -3,3 +3,3 @@", "   b,", "-  c,", "+  c * 2 as c,", "   d,"].join("\n"),
  );
  expect(unifiedDiff("same", "same", names)).toBe("");
});

test("for any two texts, what patch would make of the one is the other", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", ""), { minLength: 1, maxLength: 12 }).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(text, text, fc.nat({ max: 3 }), (before, after, context) => {
      expect(patched(before, unifiedDiff(before, after, names, context))).toBe(after);
    }),
    { numRuns: 300 },
  );
});

/** What `patch` does: goes to the lines that a head names, and refuses when they are not those of the text. */
function patched(text: string, patch: string): string {
  const lines = text.split("\n");
  let shift = 0;
  for (const hunk of patch.split(/^(?=@@ )/m).slice(1)) {
    const [head = "", ...body] = hunk.replace(/\n$/, "").split("\n");
    const [, from, count, to, added] = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@$/.exec(head)?.map(Number) ?? [];
    const start = Number(from) - (count === 0 ? 0 : 1) + shift;
    const [old, fresh] = [body.filter((line) => line[0] !== "+"), body.filter((line) => line[0] !== "-")];
    expect([old.length, fresh.length]).toEqual([count, added]);
    expect(start).toBe(Number(to) - (added === 0 ? 0 : 1));
    const replaced = lines.splice(start, Number(count), ...fresh.map((line) => line.slice(1)));
    expect(replaced).toEqual(old.map((line) => line.slice(1)));
    shift += Number(added) - Number(count);
  }
  return lines.join("\n");
}
