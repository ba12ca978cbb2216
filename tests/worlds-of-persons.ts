import { domains } from "../packages/domains/index.ts";
import {
  allocation,
  customer,
  location,
  payment,
  plays,
  purchase,
  removal,
  type Sent,
  song,
} from "../packages/domains/sent.testing.ts";
import type { EventContract, Mart } from "../packages/platform/index.ts";

/** Who the personal fields of a world's events tell of; nobody: they are left out. */
export type Person = "ada" | "bob" | "nobody";

const at = "2025-01-10T10:00:00Z";
const later = "2025-02-10T10:00:00Z";

/** Events from which every mart gets a row. */
const events: readonly Sent[] = [
  ...["c", "k"].map((id) => customer(id)),
  ...["c", "k"].map((id) => location(`place of ${id}`, id, { Address: "1 High Street" })),
  purchase("d", at),
  song("s", at),
  song("t", at),
  removal("t", later),
  allocation("d", "place of c", at, { agent: "Agent Smith" }),
  allocation("e", "place of k", at),
  payment("p", 100, later, { device: "d" }),
  payment("q", 7, later),
  ...plays(2, "d", later),
];

/** The personal fields of each contract that has some. */
export const personalFields: ReadonlyMap<string, { readonly contract: EventContract; readonly fields: readonly string[] }> =
  new Map(
    domains
      .flatMap((domain) => domain.events)
      .map((contract) => {
        const fields = contract.rules().flatMap(({ pii, path }) => (pii ? [path.slice("$.".length)] : []));
        return [contract.type, { contract, fields }] as const;
      })
      .filter(([, { fields }]) => fields.length > 0),
  );

/** The same events, with everything that contracts mark as personal said of a person. */
export function worldOf(person: Person): readonly Sent[] {
  return events.map((event) => {
    const known = personalFields.get(event.type);
    if (known === undefined || person === "nobody") return event;
    const said = known.fields.map((field) => [field, fitting(known.contract, event, field, valuesOf[person])]);
    return { ...event, data: { ...event.data, ...Object.fromEntries(said) } };
  });
}

// What leaves most behind comes first: an address of mail leaves a domain, a date a decade.
const valuesOf = {
  ada: ["ada@ada.example", "Ada of nowhere", "1931-07-13"],
  bob: ["bob@bob.example", "Bob of anywhere", "1987-02-03"],
} as const;

const dialect = { timeZone: "UTC", currency: "USD" };

function fitting(contract: EventContract, event: Sent, field: string, values: readonly string[]): string {
  const fits = values.find((value) => contract.normalise({ ...event.data, [field]: value }, undefined, undefined, dialect).ok);
  if (fits === undefined) throw new Error(`No value for a person fits ${contract.type} ${field}.`);
  return fits;
}

/** Mart → key → row. */
export type Seen = ReadonlyMap<string, ReadonlyMap<string, Readonly<Record<string, unknown>>>>;

/** Reads all marts as whoever `query` is. `names`: what stands for the number of an event, which differs from world to world. */
export async function look(
  marts: readonly Mart[],
  query: (text: string) => Promise<{ rows: { row: string }[] }>,
  names: ReadonlyMap<string, string>,
): Promise<Seen> {
  const seen = new Map<string, Map<string, Record<string, unknown>>>();
  for (const { name, key } of marts) {
    const { rows } = await query(`select to_jsonb(mart)::text as row from marts.${name} as mart`);
    const named = rows.map(({ row }) => row.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => names.get(id) ?? id));
    const parsed = named.map((row) => JSON.parse(row) as Record<string, unknown>);
    seen.set(name, new Map(parsed.map((row) => [JSON.stringify(key.map((column) => row[column])), row])));
  }
  return seen;
}

/** The columns of a mart that differ between worlds; `(rows)` where one has rows that another has not. */
export function differing(mart: Mart, worlds: readonly Seen[]): string[] {
  const [first = new Map(), ...others] = worlds.map(
    (world) => world.get(mart.name) ?? new Map<string, Record<string, unknown>>(),
  );
  const differences = new Set<string>();
  for (const other of others) {
    if (other.size !== first.size) differences.add("(rows)");
    for (const [key, row] of first) {
      const twin = other.get(key);
      if (twin === undefined) differences.add("(rows)");
      else for (const column of Object.keys(row)) if (row[column] !== twin[column]) differences.add(column);
    }
  }
  return [...differences];
}
