import { Invalid } from "@jukebase/platform/errors.ts";

/** One criterion: `2+tag:cash+1` asks by method `tag` for `cash`, with what stands 2 steps beneath and 1 above. */
export type Criterion = {
  /** `fqn` when the text names none. */
  readonly method: string;
  /** What follows the method's name after a dot: `materialized` in `config.materialized`. */
  readonly key: string | undefined;
  readonly value: string;
  /** Steps to what it stands on, and to what stands on it; 0 is none, Infinity is all. */
  readonly ancestors: number;
  readonly descendants: number;
  /** `@`: with all that stands on it, and all that this stands on. */
  readonly around: boolean;
  readonly text: string;
  /** Where it was written. */
  readonly source: Place;
};

/** A place in a text that somebody wrote: an option's value and a 0-based offset. */
export type Place = { readonly text: string; readonly at: number };

/** Groups of criteria: a node is in the selection when it is in all criteria of any group. */
export type Selection = readonly (readonly Criterion[])[];

/**
 * Reads a selection as dbt's command line writes it: a space (or another argument) is "or", a comma is "and".
 * Throws Invalid, saying what is wrong at which character, when it cannot be read.
 */
export function parseSelection(texts: readonly string[]): Selection {
  return texts.flatMap((text) => [...text.matchAll(/\S+/g)].map((word) => parseGroup({ text, at: word.index }, word[0])));
}

/** An Invalid that points at a place in a selection. */
export function unreadable({ text, at }: Place, what: string): Invalid {
  return new Invalid(`The selection "${text}" cannot be read: at character ${at + 1}, ${what}.`);
}

function parseGroup(place: Place, group: string): Criterion[] {
  let at = place.at;
  return group.split(",").map((text) => {
    const criterion = parseCriterion({ text: place.text, at }, text);
    at += text.length + 1;
    return criterion;
  });
}

function parseCriterion(source: Place, text: string): Criterion {
  const [, around, up, method, value = "", down] = shape.exec(text) ?? [];
  const valueAt = { ...source, at: source.at + text.length - value.length - (down?.length ?? 0) };
  refuse(valueAt, value, text);
  if (around !== undefined && down !== undefined)
    throw unreadable(
      { ...source, at: source.at + text.length - down.length },
      '"+" follows a name that "@" already takes all descendants of',
    );
  const [name = "fqn", ...keys] = method?.split(".") ?? [];
  return {
    method: name,
    key: keys.length === 0 ? undefined : keys.join("."),
    value,
    ancestors: steps(up),
    descendants: steps(down),
    around: around !== undefined,
    text,
    source,
  };
}

// The "+" is part of what it stands beside, so that a number without one ("2") is a name.
const shape = /^(@)?(\d*\+)?(?:([\w.]+):)?(.*?)(\+\d*)?$/s;

function refuse(place: Place, value: string, text: string): void {
  if (value === "") throw unreadable(place, text === "" ? "a name is missing beside a comma" : "a name is missing");
  const stray = /[+@"'()]/.exec(value);
  if (stray === null) return;
  throw unreadable({ ...place, at: place.at + stray.index }, strays[stray[0]] ?? `${stray[0]} cannot stand in a name`);
}

const strays: Readonly<Record<string, string>> = {
  "+": '"+" stands inside a name; write 2+name or name+3, the number on the outer side',
  "@": '"@" stands inside a name; it goes first, as in @name',
};

function steps(written: string | undefined): number {
  if (written === undefined) return 0;
  const count = written.replace("+", "");
  return count === "" ? Number.POSITIVE_INFINITY : Number(count);
}
