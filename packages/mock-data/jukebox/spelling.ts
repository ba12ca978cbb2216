import { dateOf, dayMs } from "../instants.ts";
import type { Random } from "../random.ts";

/** The ways in which real senders write the same value; every one of them must be read as the same. */
export type Spelling = {
  /** 5, "5" or " 5 "; a UUID stays as it is. */
  readonly id: (id: string) => string | number;
  /** 250, "250.00", "$500" or "1,250.00", with the currency where the price does not tell it. */
  readonly price: (
    amount: string,
    currency: string,
  ) => { readonly amount: string | number; readonly currency: { readonly Currency?: string } };
  /** ISO 8601 in UTC or with an offset, epoch ms, or month first where the day is above 12. */
  readonly instant: (at: number) => string | number;
  /** 258 or "4:18". */
  readonly length: (seconds: number) => string | number;
  /** 51.5 or "51.5". */
  readonly coordinate: (degrees: number) => string | number;
  /** A field that no contract names, now and then. */
  readonly extra: () => Record<string, unknown>;
};

/** Spellings drawn from one stream. */
export function makeSpelling(random: Random): Spelling {
  return {
    id: (id) => spellId(id, random.next()),
    price: (amount, currency) => {
      const draw = random.next();
      if (currency === "USD" && draw < 0.15) return { amount: `$${amount.replace(/\.00$/, "")}`, currency: {} };
      const told = currency !== "USD" || draw > 0.7 ? { Currency: currency } : {};
      return { amount: spellAmount(amount, random.next()), currency: told };
    },
    instant: (at) => spellInstant(at, random.next()),
    length: (seconds) => (random.chance(0.4) ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : seconds),
    coordinate: (degrees) => (random.chance(0.5) ? String(degrees) : degrees),
    extra: () => (random.chance(0.1) ? random.pick(extras) : {}),
  };
}

/** An instant in the spelling that a draw in [0, 1) picks. */
export function spellInstant(at: number, draw: number): string | number {
  if (draw < 0.12) return at;
  const date = dateOf(at);
  if (draw < 0.24 && date.slice(8) > "12") return `${date.slice(5, 7)}/${date.slice(8)}/${date.slice(0, 4)} ${timeOf(at)}.000`;
  if (draw < 0.36) return `${dateOf(at + 2 * 3_600_000)}T${timeOf(at + 2 * 3_600_000)}+02:00`;
  if (draw < 0.46) return `${date}T${timeOf(at)}.000Z`;
  return `${date}T${timeOf(at)}Z`;
}

/** The time of day of an instant in UTC, as HH:MM:SS. */
export function timeOf(at: number): string {
  const second = Math.floor((at % dayMs) / 1000);
  return `${twoDigits[Math.floor(second / 3600)]}:${twoDigits[Math.floor(second / 60) % 60]}:${twoDigits[second % 60]}`;
}

function spellId(id: string, draw: number): string | number {
  if (draw < 0.3 && /^[1-9]\d*$/.test(id)) return Number(id);
  return draw < 0.32 ? ` ${id} ` : id;
}

function spellAmount(amount: string, draw: number): string | number {
  if (draw < 0.5) return Number(amount);
  if (draw < 0.7) return amount.replace(/\B(?=(\d{3})+\.)/g, ",");
  return amount;
}

const twoDigits = Array.from({ length: 60 }, (_, value) => String(value).padStart(2, "0"));
const extras = [{ Channel: "web" }, { ImportBatch: 17 }, { Note: "checked" }, { Meta: { app: "field-2.4", retries: 0 } }];
