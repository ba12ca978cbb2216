import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pairLines, sideBySide } from "./diff.ts";

const lines = (...texts: readonly string[]) => texts.map((text) => ({ text }));
const shape = (pairs: ReturnType<typeof pairLines>) =>
  pairs.map(({ same, before, after }) => `${same ? "=" : "~"}${before?.text ?? ""}|${after?.text ?? ""}`);

describe("two texts side by side", () => {
  it("keep what is the same on one line, and what was changed beside what it became", () => {
    expect(shape(pairLines(lines("{", "a: 1", "b: 2", "}"), lines("{", "a: 1", "b: 3", "c: 4", "}")))).toEqual([
      "={|{",
      "=a: 1|a: 1",
      "~b: 2|b: 3",
      "~|c: 4",
      "=}|}",
    ]);
  });

  it("lose and repeat no line of either, and call no two lines the same that are not", () => {
    const text = fc.array(
      fc.constantFrom("a", "b", "c", "d").map((one) => ({ text: one })),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(text, text, (before, after) => {
        const pairs = pairLines(before, after);
        expect(pairs.flatMap((pair) => pair.before ?? [])).toEqual(before);
        expect(pairs.flatMap((pair) => pair.after ?? [])).toEqual(after);
        expect(
          pairs.every(({ same, before: old, after: young }) => same === (old?.text === young?.text && old !== undefined)),
        ).toBe(true);
      }),
    );
  });

  it("say a difference and a flaw in words and signs, and escape what they show", () => {
    const shown = String(
      sideBySide({ before: [{ text: '"<b>"', mark: "$.a: is no number" }], after: lines("1"), titles: ["Received", "Mended"] }),
    );
    expect(shown).toContain(
      '<td class="gone marked"><span class="sign" aria-hidden="true">−</span><code><del>&quot;&lt;b&gt;&quot;</del></code>',
    );
    expect(shown).toContain('<span class="mark">$.a: is no number</span>');
    expect(shown).toContain("<ins>1</ins>");
  });

  it("of a great length are matched from both ends", () => {
    const long = Array.from({ length: 3000 }, (_, n) => String(n));
    const pairs = pairLines(lines("x", ...long, "y"), lines("x", ...long.toReversed(), "y"));
    expect(pairs.filter(({ same }) => same)).toHaveLength(2);
  });
});
