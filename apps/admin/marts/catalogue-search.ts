import type { MartRecord } from "./mart-records.ts";

/** What the catalogue is narrowed to; undefined narrows nothing. */
export type CatalogueSearch = {
  /** Words that name, description, grain or a column hold; each must be found. */
  readonly q?: string | undefined;
  readonly owner?: string | undefined;
  readonly kind?: string | undefined;
  readonly tag?: string | undefined;
  readonly state?: string | undefined;
};

/** A mart that was found, and the columns by which it was. */
export type FoundMart = MartRecord & { readonly matched: readonly string[] };

/** The marts that a search leaves, those found by name first. */
export function findMarts(records: readonly MartRecord[], search: CatalogueSearch): FoundMart[] {
  const words = (search.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const found = records.filter((record) => isChosen(record, search)).flatMap((record) => matching(record, words));
  const byName = ({ mart }: FoundMart): number => (words.every((word) => mart.name.includes(word)) ? 0 : 1);
  return words.length === 0 ? found : found.toSorted((a, b) => byName(a) - byName(b));
}

/** The values that there are to choose from. */
export function choicesIn(
  records: readonly MartRecord[],
): Readonly<Record<"owner" | "kind" | "tag" | "state", readonly string[]>> {
  const distinct = (values: readonly string[]): string[] => [...new Set(values)].toSorted();
  return {
    owner: distinct(records.map(({ mart }) => mart.owner)),
    kind: distinct(records.map(({ mart }) => mart.kind)),
    tag: distinct(records.flatMap(({ mart }) => mart.tags ?? [])),
    state: distinct(records.map(({ state }) => state)),
  };
}

function isChosen({ mart, state }: MartRecord, { owner, kind, tag, state: wanted }: CatalogueSearch): boolean {
  const tags = mart.tags ?? [];
  return (
    (owner ?? mart.owner) === mart.owner &&
    (kind ?? mart.kind) === mart.kind &&
    (wanted ?? state) === state &&
    (tag === undefined || tags.includes(tag))
  );
}

function matching(record: MartRecord, words: readonly string[]): FoundMart[] {
  const { mart, columns, domain } = record;
  const own = [mart.name, mart.description, mart.grain, domain, ...(mart.tags ?? [])].join(" ").toLowerCase();
  const texts = columns.map(({ name, description }) => ({ name, text: `${name} ${description}`.toLowerCase() }));
  const missing = words.filter((word) => !own.includes(word));
  if (missing.some((word) => !texts.some(({ text }) => text.includes(word)))) return [];
  const matched = texts.filter(({ text }) => missing.some((word) => text.includes(word))).map(({ name }) => name);
  return [{ ...record, matched }];
}
