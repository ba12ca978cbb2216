import { givenRows, key } from "@jukebase/marts/given-rows.testing.ts";
import { test } from "vitest";
import { dimProducts } from "./dim_products.ts";

const given = givenRows(dimProducts);

test("a product with an id of its own and one known by name alone stand side by side", async () => {
  const products = [
    { product_key: key(1), namespace: "till", product_id: "mm3", product_name: "MusicMaker3000" },
    { product_key: key(2), namespace: "till", product_id: null, product_name: "MusicMaker3000" },
  ];
  await given({ "sales.product": products }, products);
});
