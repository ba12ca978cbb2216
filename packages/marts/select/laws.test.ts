import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type SelectionGraph, type SelectionNode, selectionGraph } from "./graph.ts";
import { selectNodes } from "./select.ts";

const tags = ["cash", "daily", "stock"] as const;

/** A graph as a list: node n reads some of the nodes before it, and bears some tags. */
type Drawn = readonly { readonly reads: readonly number[]; readonly tags: readonly string[] }[];

const drawn: fc.Arbitrary<Drawn> = fc
  .array(fc.record({ reads: fc.array(fc.nat(), { maxLength: 3 }), tags: fc.uniqueArray(fc.constantFrom(...tags)) }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((nodes) => nodes.map((node, n) => ({ ...node, reads: n === 0 ? [] : [...new Set(node.reads.map((each) => each % n))] })));

const name = (n: number): string => `m${n}`;

function graphOf(nodes: Drawn): SelectionGraph {
  return selectionGraph(
    nodes.map(({ reads, tags: own }, n) => ({
      node: { id: `mart.${name(n)}`, kind: "mart", name: name(n), fqn: ["d", name(n)], tags: own, config: {} } as SelectionNode,
      reads: reads.map((each) => `mart.${name(each)}`),
    })),
  );
}

const selected = (nodes: Drawn, select: string, exclude?: string): string[] => {
  const { ids } = selectNodes(graphOf(nodes), { select: [select], exclude: exclude === undefined ? [] : [exclude] });
  return [...ids].map((id) => id.slice("mart.".length)).sort();
};

/** How far each node is beneath each other, by relaxing edges until nothing changes: nothing like the walk that is tested. */
function distances(nodes: Drawn): number[][] {
  const far = nodes.map((_, from) => nodes.map((__, to) => (from === to ? 0 : Number.POSITIVE_INFINITY)));
  for (const _ of nodes) {
    for (const [from, { reads }] of nodes.entries()) {
      for (const middle of reads) {
        for (const [to] of nodes.entries()) {
          const row = far[from] as number[];
          row[to] = Math.min(row[to] as number, 1 + ((far[middle] as number[])[to] as number));
        }
      }
    }
  }
  return far;
}

/** The naive model: a criterion is a predicate over nodes. */
type Model = (n: number, nodes: Drawn, far: number[][]) => boolean;
type Case = { readonly text: string; readonly model: Model };

const within = (far: number[][], from: number, to: number, steps: number): boolean =>
  ((far[from] as number[])[to] as number) <= steps;

const base: fc.Arbitrary<Case> = fc.oneof(
  fc.nat({ max: 11 }).map((n): Case => ({ text: `m${n}`, model: (each, nodes) => each === n % nodes.length })),
  fc
    .constantFrom(...tags)
    .map((tag): Case => ({ text: `tag:${tag}`, model: (n, nodes) => nodes[n]?.tags.includes(tag) === true })),
  fc
    .constantFrom("m1*", "m?", "*")
    .map((glob): Case => ({ text: glob, model: (n) => glob === "*" || (glob === "m?" ? n < 10 : name(n).startsWith("m1")) })),
);

const steps = fc.oneof(fc.constant(undefined), fc.constant(""), fc.integer({ min: 0, max: 3 }).map(String));
const count = (written: string | undefined): number =>
  written === undefined ? 0 : written === "" ? Number.MAX_SAFE_INTEGER : Number(written);

const criterion: fc.Arbitrary<Case> = fc.oneof(
  fc.record({ base, up: steps, down: steps }).map(
    ({ base: { text, model }, up, down }): Case => ({
      text: `${up === undefined ? "" : `${up}+`}${text}${down === undefined ? "" : `+${down}`}`,
      model: (n, nodes, far) =>
        nodes.some((_, m) => model(m, nodes, far) && (within(far, m, n, count(up)) || within(far, n, m, count(down)))),
    }),
  ),
  base.map(
    ({ text, model }): Case => ({
      text: `@${text}`,
      model: (n, nodes, far) =>
        nodes.some(
          (_, m) =>
            model(m, nodes, far) &&
            nodes.some((__, d) => far[d]?.[m] !== Number.POSITIVE_INFINITY && far[d]?.[n] !== Number.POSITIVE_INFINITY),
        ),
    }),
  ),
);

const group: fc.Arbitrary<Case> = fc.array(criterion, { minLength: 1, maxLength: 3 }).map((all) => ({
  text: all.map(({ text }) => text).join(","),
  model: (n, nodes, far) => all.every(({ model }) => model(n, nodes, far)),
}));

const selection: fc.Arbitrary<Case> = fc.array(group, { minLength: 1, maxLength: 3 }).map((all) => ({
  text: all.map(({ text }) => text).join(" "),
  model: (n, nodes, far) => all.some(({ model }) => model(n, nodes, far)),
}));

/** The text with the names of nodes that there are. */
const fitted = ({ text }: Case, nodes: Drawn): string =>
  text.replaceAll(/\bm(\d+)(?!\*|\?)/g, (_, n) => name(Number(n) % nodes.length));

describe("for any graph and any selection", () => {
  test("the nodes selected are those of the naive model, less those excluded", () => {
    fc.assert(
      fc.property(drawn, selection, fc.option(selection, { nil: undefined }), (nodes, wanted, excluded) => {
        const far = distances(nodes);
        const expected = nodes.flatMap((_, n) =>
          wanted.model(n, nodes, far) && !(excluded?.model(n, nodes, far) ?? false) ? [name(n)] : [],
        );
        const found = selected(nodes, fitted(wanted, nodes), excluded === undefined ? undefined : fitted(excluded, nodes));
        expect(found).toEqual(expected.sort());
      }),
      { numRuns: 500 },
    );
  });

  test("intersection and union commute, and repeat without effect", () => {
    fc.assert(
      fc.property(drawn, group, group, (nodes, one, other) => {
        const [a, b] = [fitted(one, nodes), fitted(other, nodes)];
        expect(selected(nodes, `${a},${b}`)).toEqual(selected(nodes, `${b},${a}`));
        expect(selected(nodes, `${a} ${b}`)).toEqual(selected(nodes, `${b} ${a} ${a}`));
        expect(selected(nodes, `${a},${a}`)).toEqual(selected(nodes, a));
      }),
      { numRuns: 200 },
    );
  });

  test("what is excluded is not there, and what is left was selected", () => {
    fc.assert(
      fc.property(drawn, group, group, (nodes, one, other) => {
        const [a, b] = [fitted(one, nodes), fitted(other, nodes)];
        const left = selected(nodes, a, b);
        expect(left.filter((each) => selected(nodes, b).includes(each))).toEqual([]);
        expect([...left, ...selected(nodes, `${a},${b}`)].sort()).toEqual(selected(nodes, a));
      }),
      { numRuns: 200 },
    );
  });

  test("a text is either read or refused with the place in it", () => {
    const signs = fc.array(fc.constantFrom("+", "@", "m1", "2", ",", " ", ":", "tag:", ".", "*", "state", "x", "[", "\\"), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(drawn, signs, (nodes, words) => {
        const text = words.join("");
        try {
          selectNodes(graphOf(nodes), { select: [text] }, { states: new Map(), results: new Map() });
        } catch (refusal) {
          const { name: kind, message } = refusal as Error;
          expect(message).toMatch(
            kind === "NotFound" ? /^There is no mart ".+"/ : /^The selection ".+" cannot be read: at character \d+, /s,
          );
        }
      }),
      { numRuns: 500 },
    );
  });
});
