import type { Mart } from "@jukebase/platform/mart.ts";
import type { TypedColumn } from "../masks.ts";

/**
 * Where a mart breaks the rules by which people and BI tools find their way: names that say what a thing is, one type for each meaning,
 * money with its currency. `columns` are those of the public view; `reserved` are the words that SQL keeps for itself. An empty list is
 * good.
 */
export function martRuleBreaks(mart: Mart, columns: readonly TypedColumn[], reserved: ReadonlySet<string>): string[] {
  const breaks = [...nameBreaks(mart.name)];
  for (const column of columns) breaks.push(...columnBreaks(column, reserved).map((what) => `${column.name}: ${what}`));
  const money = columns.filter(isMoney).map(({ name }) => name);
  if (money.length > 0 && !columns.some(({ name, type }) => name === "currency" && type === "text"))
    breaks.push(`${money.join(", ")}: money stands without its currency; a number that is no money ends in its unit`);
  for (const key of mart.key) {
    const type = columns.find(({ name }) => name === key)?.type;
    if (type === "uuid" && !/_(id|key)$/.test(key)) breaks.push(`${key}: a key of this type ends in _id or _key`);
  }
  return breaks.map((what) => `${mart.name}: ${what}`);
}

// dim_ things and their states, fct_ what happened, metric_ figures on every day. Nouns are plural; some have none.
function* nameBreaks(name: string): Generator<string> {
  if (!/^(dim|fct|metric)(_[a-z][a-z0-9]*)+$/.test(name))
    yield "its name is not dim_, fct_ or metric_ and then words in snake_case";
  const words = name.split("_").slice(1);
  if (!words.some((word) => word.endsWith("s") || massNouns.has(word))) yield "its name has no plural noun";
}

const massNouns: ReadonlySet<string> = new Set(["cash", "revenue", "debt"]);

function columnBreaks({ name, type }: TypedColumn, reserved: ReadonlySet<string>): string[] {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) return ["its name is not in snake_case"];
  if (reserved.has(name)) return ["its name is a word that SQL keeps for itself, which tools quote badly"];
  return [...typeBreaks(type, name)];
}

function* typeBreaks(type: string, name: string): Generator<string> {
  if (/^timestamp.* without/.test(type)) yield "an instant without a zone: use timestamptz";
  if (/^(real|double precision|money)$/.test(type)) yield `${type} does not hold every amount: use numeric`;
  if (/^(json|jsonb|bytea|xml)$/.test(type) || type.endsWith("[]")) yield `${type} is nothing that BI tools read: use columns`;
  if (type === "timestamp with time zone" && !isInstant(name)) yield "an instant ends in _at, _from or _to";
  if (type === "date" && !isDay(name)) yield "a day ends in _on, _date, _from or _to, or is month";
  if (type === "boolean" && !/^(is|has)_/.test(name)) yield "a yes or no begins with is_ or has_";
  if (type !== "timestamp with time zone" && name.endsWith("_at")) yield "what ends in _at is an instant";
  if (type !== "date" && /_(on|date)$/.test(name)) yield "what ends in _on or _date is a day";
  if (type !== "boolean" && /^(is|has)_/.test(name)) yield "what begins with is_ or has_ is a yes or no";
  if (type === "uuid" && !/_(id|key)$/.test(name)) yield "a key ends in _id (as its source writes it, or of a fact) or _key";
  if (name.endsWith("_key") && type !== "uuid") yield "what ends in _key is a surrogate key, a uuid";
  if (name.endsWith("_id") && type !== "uuid" && type !== "text") yield "ids are text, or uuid";
}

function isInstant(name: string): boolean {
  return /_(at|from|to)$/.test(name);
}

function isDay(name: string): boolean {
  return /_(on|date|from|to)$/.test(name) || name === "month";
}

// Degrees, seconds, megabytes, shares: numbers whose names say what they count.
function isMoney({ name, type }: TypedColumn): boolean {
  return /^numeric/.test(type) && !/(_(s|ms|mb|share|ratio|percent|count)|^latitude|^longitude)$/.test(name);
}
