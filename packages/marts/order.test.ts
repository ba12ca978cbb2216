import { describe, expect, test } from "vitest";
import { families, inOrder, withUpstream } from "./order.ts";

const mart = (name: string, ...upstream: string[]) => ({ name, upstream });
const names = (marts: readonly { name: string }[]) => marts.map(({ name }) => name);

describe("the order of marts", () => {
  test("puts each after all it reads", () => {
    expect(names(inOrder([mart("c", "b", "a"), mart("b", "a"), mart("a"), mart("d")]))).toEqual(["a", "b", "c", "d"]);
  });

  test("names the path of a cycle", () => {
    expect(() => inOrder([mart("z", "a"), mart("a", "b"), mart("b", "c"), mart("c", "a")])).toThrow(
      "Marts stand on each other: a → b → c → a. marts.a reads marts.b; marts.b reads marts.c; marts.c reads marts.a. One",
    );
    const file = "shop/marts/a.sql";
    expect(() => inOrder([{ ...mart("a", "a"), file }])).toThrow(
      "Marts stand on each other: a → a. marts.a (shop/marts/a.sql) reads marts.a. One of them must",
    );
  });

  test("names reader and read when a mart is not there", () => {
    expect(() => inOrder([mart("a", "b")])).toThrow("marts.a reads marts.b, which is not among the marts");
  });

  test("keeps marts that stand on one another in one family", () => {
    const all = [mart("a"), mart("b"), mart("ab", "a", "b"), mart("c"), mart("d", "c"), mart("e")];
    expect(families(all).map(names)).toEqual([["a", "b", "ab"], ["c", "d"], ["e"]]);
  });

  test("chooses a mart with all that it stands on", () => {
    expect(names(withUpstream([mart("a"), mart("b", "a"), mart("c", "b"), mart("d")], ["b"]))).toEqual(["a", "b"]);
    expect(() => withUpstream([mart("a")], ["x"])).toThrow("There is no mart x. Known: a");
  });
});
