import { givenRows, key } from "@jukebase/marts/given-rows.testing.ts";
import { test } from "vitest";
import { dimProductPrices } from "./dim_product_prices.ts";

const given = givenRows(dimProductPrices);

test("what a product is sold for and what it costs are two histories", async () => {
  const product = [{ product_key: key(1), product_name: "MusicMaker3000" }];
  const since = (kind: string, price: string) => ({
    product_key: key(1),
    kind,
    currency: "USD",
    price,
    valid: "[2025-01-01T00:00:00Z,)",
  });
  await given({ "sales.product": product, "sales.price_history": [since("sale", "2535"), since("purchase", "250")] }, [
    { kind: "sale", price: "2535", valid_from: "2025-01-01T00:00:00Z", valid_to: null },
    { kind: "purchase", price: "250", valid_from: "2025-01-01T00:00:00Z", valid_to: null },
  ]);
});
