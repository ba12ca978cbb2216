import { pgExecutor } from "@jukebase/platform";
import type pg from "pg";
import { shopMarts } from "../sample-marts.ts";
import { datasetsOf } from "./datasets.ts";
import { type ColumnOrigins, describeMarts } from "./describe-marts.ts";
import { type Emitter, makeEmitter } from "./emitter.ts";
import type { Facet } from "./run-event.ts";
import type { Transport } from "./transport.ts";

/** An emitter of the sample marts over the shop of a test: each instant is a second later, each id one more; the kind is hidden. */
export async function sampleEmitter(pool: pg.Pool, url: string, send: Transport): Promise<Emitter> {
  const marts = (await shopMarts()).map((mart) =>
    mart.name === "fct_sales_daily" ? { ...mart, sensitive: { kind: { as: "null" } as const } } : mart,
  );
  let ids = 0;
  let seconds = 0;
  return makeEmitter({
    identity: { producer: "urn:jukebase:marts", namespace: "tests", datasets: datasetsOf(url) },
    send,
    describe: () => describeMarts(pgExecutor(pool), marts, sampleOrigins),
    clock: { now: () => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds++)) },
    newId: () => `00000000-0000-4000-8000-${String(ids++).padStart(12, "0")}`,
  });
}

const sampleOrigins: readonly ColumnOrigins[] = [
  {
    mart: "fct_sales_daily",
    column: "kind",
    from: [
      { relation: "shop.product", column: "kind", how: "same" },
      { relation: "shop.sale", column: "product_id", how: "condition" },
    ],
  },
  { mart: "fct_sales_daily", column: "amount", from: [{ relation: "shop.sale", column: "amount", how: "computed" }] },
];

/** Every facet in an event, wherever it stands. */
export function facetsOf(value: unknown): Facet[] {
  if (value === null || typeof value !== "object") return [];
  const own = "_schemaURL" in value ? [value as Facet] : [];
  return [...own, ...Object.values(value).flatMap(facetsOf)];
}
