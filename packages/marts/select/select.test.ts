import { describe, expect, test } from "vitest";
import { type SelectionGraph, type SelectionNode, selectionGraph } from "./graph.ts";
import type { SelectionFacts } from "./methods.ts";
import { factsNeeded, selectNodes } from "./select.ts";

const node = (id: string, more: Partial<SelectionNode> = {}): SelectionNode => {
  const [kind = "", ...name] = id.split(".");
  return {
    id,
    kind: kind as SelectionNode["kind"],
    name: name.join("."),
    fqn: kind === "source" ? name : ["shop", ...name],
    tags: [],
    config: {},
    ...more,
  };
};

/** sale → fct_sales → fct_daily → report; product → dim_products → fct_daily; prices → dim_products. */
const graph: SelectionGraph = selectionGraph([
  { node: node("source.shop.sale"), reads: [] },
  { node: node("source.shop.product"), reads: [] },
  { node: node("seed.prices", { path: "db/seeds/prices.csv" }), reads: [] },
  {
    node: node("mart.fct_sales", {
      path: "packages/shop/marts/fct_sales.sql",
      tags: ["cash", "daily"],
      owner: "till",
      config: { materialized: ["rollup", "incremental"] },
    }),
    reads: ["source.shop.sale"],
  },
  {
    node: node("mart.dim_products", {
      path: "packages/shop/marts/dim_products.sql",
      owner: "stock",
      config: { materialized: ["view"] },
    }),
    reads: ["source.shop.product", "seed.prices"],
  },
  {
    node: node("mart.fct_daily", { fqn: ["books", "fct_daily"], path: "packages/books/marts/fct_daily.sql", tags: ["daily"] }),
    reads: ["mart.fct_sales", "mart.dim_products"],
  },
  { node: node("exposure.total-sales"), reads: ["mart.fct_daily"] },
  {
    node: node("test.unique_fct_sales_id", { test: { types: ["generic", "data"], name: "unique" } }),
    reads: ["mart.fct_sales"],
  },
  {
    node: node("test.days_add_up", { test: { types: ["singular", "data"], name: "days_add_up" } }),
    reads: ["mart.fct_sales", "mart.fct_daily"],
  },
]);

const facts: SelectionFacts = {
  states: new Map([
    ["mart.fct_sales", new Set(["old", "modified", "modified.body"])],
    ["mart.dim_products", new Set(["old", "unmodified"])],
    ["mart.fct_daily", new Set(["new", "modified"])],
  ]),
  results: new Map([
    ["test.days_add_up", new Set(["fail"])],
    ["mart.dim_products", new Set(["success"])],
    ["mart.fct_sales", new Set(["error"])],
  ]),
};

const chosen = (select: string, exclude?: string) =>
  selectNodes(graph, { select: [select], exclude: exclude === undefined ? [] : [exclude] }, facts);
const names = (select: string, exclude?: string) =>
  [...chosen(select, exclude).ids].map((id) => id.slice(id.indexOf(".") + 1)).sort();
const marts = (select: string, exclude?: string) =>
  [...chosen(select, exclude).ids]
    .filter((id) => id.startsWith("mart."))
    .map((id) => id.slice(5))
    .sort();

describe("a selection", () => {
  test.each<[string, string, string[]]>([
    ["a name, with the tests of it", "dim_products", ["dim_products"]],
    ["a name with its domain", "shop.fct_sales", ["days_add_up", "fct_sales", "unique_fct_sales_id"]],
    ["wildcards over names", "?im_*", ["dim_products"]],
    ["wildcards in brackets", "[a-e]im_products", ["dim_products"]],
    ["wildcards over a domain", "books.*", ["days_add_up", "fct_daily"]],
    ["all it stands on", "+dim_products", ["dim_products", "prices", "shop.product"]],
    [
      "what it stands on, one step",
      "1+fct_daily",
      ["days_add_up", "dim_products", "fct_daily", "fct_sales", "unique_fct_sales_id"],
    ],
    ["all that stands on it", "dim_products+", ["days_add_up", "dim_products", "fct_daily", "total-sales"]],
    ["what stands on it, one step", "prices+1", ["dim_products", "prices"]],
    ["no step at all", "0+fct_daily", ["days_add_up", "fct_daily"]],
    ["a source's", "source:shop.product", ["shop.product"]],
    ["all sources of a schema", "source:shop", ["shop.product", "shop.sale"]],
    ["an exposure's, with what it stands on", "1+exposure:total-sales", ["days_add_up", "fct_daily", "total-sales"]],
    ["a test's name", "test_name:unique", ["unique_fct_sales_id"]],
    ["a test's type", "test_type:singular", ["days_add_up"]],
    ["an intersection", "+fct_daily,tag:daily,owner:*", ["days_add_up", "fct_sales", "unique_fct_sales_id"]],
    ["a union", "source:shop.sale prices", ["prices", "shop.sale"]],
    ["results", "result:fail", ["days_add_up"]],
  ])("takes %s", (_, select, expected) => {
    expect(names(select)).toEqual(expected);
  });

  test.each<[string, string, string[]]>([
    ["a tag", "tag:cash", ["fct_sales"]],
    ["an owner", "owner:stock", ["dim_products"]],
    ["a group, which is the owner", "group:stock", ["dim_products"]],
    ["a domain", "package:shop", ["dim_products", "fct_sales"]],
    ["a domain by its name alone", "shop", ["dim_products", "fct_sales"]],
    ["a folder", "path:packages/shop", ["dim_products", "fct_sales"]],
    ["a folder without a method", "packages/shop/marts/", ["dim_products", "fct_sales"]],
    ["folders by wildcard", "path:packages/*/marts", ["dim_products", "fct_daily", "fct_sales"]],
    ["a file", "fct_daily.sql", ["fct_daily"]],
    ["a file by its method", "file:fct_daily", ["fct_daily"]],
    ["a kind", "config.materialized:rollup", ["fct_sales"]],
    ["a kind by dbt's word", "config.materialized:incremental", ["fct_sales"]],
    ["what was modified", "state:modified", ["fct_daily", "fct_sales"]],
    ["what was modified in its body", "state:modified.body", ["fct_sales"]],
    ["what is new", "state:new", ["fct_daily"]],
    ["what is old", "state:old", ["dim_products", "fct_sales"]],
    ["what failed to refresh", "result:error", ["fct_sales"]],
    ["the marts of a failed test", "1+result:fail", ["fct_daily", "fct_sales"]],
    ["a node's whole surroundings", "@dim_products", ["dim_products", "fct_daily", "fct_sales"]],
  ])("takes marts by %s", (_, select, expected) => {
    expect(marts(select)).toEqual(expected);
  });

  test("without a word takes everything, and what is excluded goes with its tests", () => {
    expect(selectNodes(graph, {}).ids.size).toBe(graph.nodes.size);
    expect([...selectNodes(graph, { exclude: ["fct_sales+"] }).ids].sort()).toEqual([
      "mart.dim_products",
      "seed.prices",
      "source.shop.product",
      "source.shop.sale",
    ]);
    expect(marts("tag:daily", "fct_daily")).toEqual(["fct_sales"]);
  });

  test("that matches nothing says so, and what was meant perhaps", () => {
    expect(chosen("tag:dialy")).toEqual({ ids: new Set(), notes: ['"tag:dialy" selects nothing. Did you mean daily?'] });
    expect(chosen("result:warn").notes).toEqual(['"result:warn" selects nothing.']);
    expect(chosen("nothing_*").notes).toEqual(['"nothing_*" selects nothing.']);
  });

  test("of two that share nothing says what a comma means", () => {
    expect(chosen("dim_products,prices").notes).toEqual([
      '"dim_products,prices" selects nothing: a comma asks for what is in both; for either, write a space.',
    ]);
    expect(chosen("fct_sales", "shop").notes).toEqual(["Everything that was selected is excluded."]);
  });

  test.each<[string, string]>([
    ["fct_sale", 'There is no mart "fct_sale", nor a seed, test or domain of that name. Did you mean fct_sales?'],
    ["dim", 'There is no mart "dim", nor a seed, test or domain of that name. Did you mean dim_products?'],
    [
      "total-sales",
      'There is no mart "total-sales", nor a seed, test or domain of that name. Did you mean exposure:total-sales?',
    ],
    ["qqqqqqqq", 'There is no mart "qqqqqqqq", nor a seed, test or domain of that name.'],
  ])("of an unknown name (%s) offers the nearest", (select, message) => {
    expect(() => chosen(select)).toThrow(expect.objectContaining({ name: "NotFound", message }));
    expect(() => chosen("fct_sales", select)).toThrow(message);
  });

  test("says beforehand which facts it needs", () => {
    expect(factsNeeded({ select: ["tag:x fct_sales"] })).toEqual(new Set());
    expect(factsNeeded({ select: ["tag:x,2+state:new"], exclude: ["result:pass"] })).toEqual(new Set(["states", "results"]));
  });
});

describe("a selection that cannot be read says what is wrong where:", () => {
  test.each<[string, string]>([
    ["tagg:x", 'at character 1, there is no method "tagg:". Did you mean tag:? There are: fqn, path,'],
    ["a b,++c", 'at character 6, "+" stands inside a name; write 2+name or name+3'],
    ["x+y", 'at character 2, "+" stands inside a name'],
    ["x++", 'at character 2, "+" stands inside a name'],
    ["+@x", 'at character 2, "@" stands inside a name; it goes first, as in @name'],
    ["@x+", 'at character 3, "+" follows a name that "@" already takes all descendants of'],
    ["a,", "at character 3, a name is missing beside a comma"],
    [",a", "at character 1, a name is missing beside a comma"],
    ["fct_sales tag:", "at character 15, a name is missing"],
    ["2+", "at character 3, a name is missing"],
    ["+", "at character 2, a name is missing"],
    ["config:view", 'at character 1, "config." takes materialized, tags, owner'],
    ["config.color:red", 'at character 1, "config." takes materialized, tags, owner'],
    ["tag.x:y", 'at character 1, "tag:" takes nothing after a dot'],
    ["state:modfied", 'at character 1, "state:" takes new, old, modified, unmodified,'],
    ["result:failed", "Did you mean fail?"],
  ])("%s", (text, message) => {
    expect(() => chosen(text)).toThrow(`The selection "${text}" cannot be read`);
    expect(() => chosen(text)).toThrow(message);
  });
});
