import fc from "fast-check";
import { HtmlValidate } from "html-validate";
import { expect, test } from "vitest";
import { type GraphBox, type GraphProps, graph, graphFile } from "./graph.ts";
import { boxSize } from "./graph-box.ts";
import { page } from "./page.ts";

const name = "dim_<agents> & a very long name that nobody can read to its end";
const box = (id: string, x: number, more: Partial<GraphBox> = {}): GraphBox => {
  const words = { title: id, note: "rollup", rows: [], ...more };
  return { id, x, y: 10, ...boxSize(words), ...words, tooltip: `Mart ${id}: it is said "why"`, series: 1 };
};
const rows = [
  { key: "a", text: "amount", note: "numeric", mark: "PK", tooltip: "amount: what was paid", href: "/a", stand: "lit" as const },
  { key: "b", text: "currency", tooltip: "currency" },
];
const sample: GraphProps = {
  label: "Lineage",
  width: 900,
  height: 300,
  boxes: [
    box("fct_sales", 10, { href: "/marts/fct_sales", rows }),
    box(name, 400, { stand: "current", edge: 720 }),
    box("last", 750, { href: "javascript:alert(1)" }),
  ],
  wires: [
    { from: { box: "fct_sales", row: "a" }, to: { box: name }, points: [], ends: "arrow", stand: "lit" },
    {
      from: { box: name },
      to: { box: "last" },
      points: [
        { x: 1, y: 1 },
        { x: 700, y: 200 },
        { x: 2, y: 2 },
      ],
      ends: "arrow",
      dashed: true,
    },
    { from: { box: "last" }, to: { box: "fct_sales", row: "b" }, points: [], ends: "key" },
    { from: { box: "last" }, to: { box: "last" }, points: [], ends: "key" },
    { from: { box: "last" }, to: { box: "gone" }, points: [], ends: "arrow" },
  ],
};

test("a graph is valid, accessible HTML under a strict policy: no style, no script, only links that lead somewhere", async () => {
  const body = graph(sample);
  const validator = new HtmlValidate({
    root: true,
    extends: ["html-validate:recommended", "html-validate:a11y"],
    rules: { "no-trailing-whitespace": "off" },
  });
  const { results } = await validator.validateString(page({ title: "Lineage", path: "/", nav: [], body }));
  expect(results.flatMap(({ messages }) => messages)).toEqual([]);
  expect(body.toString()).not.toMatch(/ style=|<style|<script|javascript:/);
});

test("every box and row that leads somewhere is a link with a name, in the order given", () => {
  const links = [
    ...graph(sample)
      .toString()
      .matchAll(/<a href="([^"]*)" aria-label="([^"]*)"/g),
  ];
  expect(links.map(([, href, label]) => [href, label])).toEqual([
    ["/marts/fct_sales", "Mart fct_sales: it is said &quot;why&quot;"],
    ["/a", "amount: what was paid"],
    ["#", "Mart last: it is said &quot;why&quot;"],
  ]);
});

test("lines begin and end at the sides of boxes, at the height of their rows, and bend only beyond their column", () => {
  const [first, second, third] = sample.boxes as readonly [GraphBox, GraphBox, GraphBox];
  const lines = [
    ...graph(sample)
      .toString()
      .matchAll(/class="line" d="(M[^"]*)"/g),
  ].map(([, way]) => way);
  expect(lines[0]).toMatch(new RegExp(`^M${first.x + first.width} 65C.* ${second.x} 32$`));
  expect(lines[1]).toMatch(new RegExp(`^M${second.x + second.width} 32C[^C]* 720 32C[^C]* 700 200C[^C]* ${third.x} 32$`));
  expect(lines[2]).toMatch(new RegExp(`^M${third.x} 32C.* ${first.x + first.width} 87$`));
});

test("names are cut in their middle to fit, and told whole to whoever asks", () => {
  const drawn = graph(sample).toString();
  expect(drawn).toMatch(/>dim_&lt;agents&gt; [^<]*…[^<]*its end<\/text>/);
  expect(drawn).toContain("dim_&lt;agents&gt; &amp; a very long name that nobody can read to its end");
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 200 }), (title) => {
      const { width } = boxSize({ title, note: "", rows: [] });
      expect(width >= 132 && width <= 300).toBe(true);
    }),
  );
});

test("as a file it carries its own colours, and nothing from elsewhere", () => {
  const text = graphFile(sample);
  expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<svg class="graph" xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  expect(text).toContain("<title>Lineage</title><style>");
  expect(text).toContain("--surface: #fffefc");
  expect(text).not.toMatch(/light-dark\(|url\(|@import/);
});
