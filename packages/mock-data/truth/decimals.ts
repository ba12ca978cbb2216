import { Decimal } from "decimal.js";

/** An amount as the reports write it: two decimals. */
export function money(amount: Decimal): string {
  return amount.toFixed(2);
}

/** Equal parts of an amount in whole cents that add up to it; the first parts take the cents that are left over. */
export function splitEvenly(amount: Decimal, parts: number): Decimal[] {
  const cents = amount.times(100).round();
  const each = cents.dividedBy(parts).floor();
  const left = cents.minus(each.times(parts)).toNumber();
  return Array.from({ length: parts }, (_, index) => each.plus(index < left ? 1 : 0).dividedBy(100));
}

/** Sums by key, for rows that gather several measures under one period and currency. */
export type Sums = {
  readonly add: (key: string, amount: Decimal) => void;
  readonly get: (key: string) => Decimal;
  readonly keys: () => string[];
};

/** Empty sums: a key that was never added to is zero. */
export function sums(): Sums {
  const totals = new Map<string, Decimal>();
  const get = (key: string): Decimal => totals.get(key) ?? new Decimal(0);
  return { add: (key, amount) => void totals.set(key, get(key).plus(amount)), get, keys: () => [...totals.keys()] };
}
