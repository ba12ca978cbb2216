import { weightedIndex } from "../random.ts";
import type { Day } from "./calendar.ts";

/** A kind of device. Prices and costs in whole dollars, at the start and at the end of the calendar; demand likewise. */
export type Product = {
  readonly id: string;
  readonly name: string;
  readonly demand: readonly [number, number];
  readonly price: readonly [number, number];
  readonly cost: readonly [number, number];
};

/** MusicMaker3000, which grows, and its rivals. */
export const products: readonly Product[] = [
  { id: "P-3000", name: "MusicMaker3000", demand: [1, 3.2], price: [2535, 2795], cost: [1450, 1290] },
  { id: "P-45", name: "Classic Wurl 45", demand: [3, 1.4], price: [1890, 1690], cost: [980, 1040] },
  { id: "P-10", name: "TuneBox Mini", demand: [2, 1.8], price: [640, 575], cost: [250, 235] },
  { id: "P-900", name: "SoundHall Pro", demand: [0.6, 1.1], price: [5250, 5490], cost: [3100, 3050] },
  { id: "P-88", name: "RetroSpin 88", demand: [0.1, 1.9], price: [1199, 1099], cost: [620, 560] },
];

/** The product that a draw in [0, 1) picks on a day. */
export function productAt(day: Day, draw: number): Product {
  return products[weightedIndex(products.map((product) => between(product.demand, day.progress)))(draw)] as Product;
}

/** The list price on a day in cents of the currency; it moves once a quarter or so. */
export function listPrice(product: Product, day: Day, currency: string): number {
  return inCents(between(product.price, Math.floor(day.progress * 10) / 10), currency);
}

/** The purchase cost on a day in cents of the currency. */
export function purchaseCost(product: Product, day: Day, currency: string): number {
  return inCents(between(product.cost, Math.floor(day.progress * 14) / 14), currency);
}

/** Integer cents as a decimal string with two decimals. */
export function decimal(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
}

function inCents(dollars: number, currency: string): number {
  return Math.round(dollars * (currency === "EUR" ? 0.92 : 1)) * 100;
}

function between([first, last]: readonly [number, number], progress: number): number {
  return first + (last - first) * progress;
}
