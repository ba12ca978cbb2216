import type { Jukebase } from "../open.ts";
import { tablesOf } from "./world.ts";

/** Every row of every table and mart as sorted text, by relation: two pictures are equal when the tables are. */
export type Picture = ReadonlyMap<string, readonly string[]>;

// When we learnt of something differs with the order of arrival; that we learnt it does not.
const learnt = ["log_id", "recorded_at"];

/**
 * Takes the picture. With `acrossOrders`, what says when we learnt is left out and rows are named by their events' keys, so that
 * pictures of different orders of arrival can be compared.
 */
export async function takePicture(jukebase: Jukebase, acrossOrders: boolean): Promise<Picture> {
  const relations = [
    ...(await tablesOf(jukebase)),
    ...jukebase.marts.map((mart) => `marts.${mart.name}`),
    "events.waiting",
    "events.parked",
  ];
  const picture = new Map<string, readonly string[]>();
  for (const relation of relations) picture.set(relation, await rowsOf(jukebase, relation, acrossOrders));
  return picture;
}

/** The first difference of two pictures, in words; undefined when there is none. */
export function difference(one: Picture, other: Picture): string | undefined {
  for (const [relation, rows] of one) {
    const others = other.get(relation) ?? [];
    const missing = rows.filter((row) => !others.includes(row));
    const added = others.filter((row) => !rows.includes(row));
    if (missing.length > 0 || added.length > 0 || rows.length !== others.length) {
      return `${relation} differs:\n  only in the first: ${missing.slice(0, 3).join("\n    ")}\n  only in the second: ${added.slice(0, 3).join("\n    ")}`;
    }
  }
  return undefined;
}

async function rowsOf(jukebase: Jukebase, relation: string, acrossOrders: boolean): Promise<string[]> {
  const left = acrossOrders ? [...learnt, "since", "parked_at"] : ["parked_at"];
  const found = await jukebase.database.pg.query<{ row: string }>(
    `select (to_jsonb(relation) - $1::text[])::text as row from ${relation} as relation order by 1`,
    [left],
  );
  const rows = found.rows.map(({ row }) => row);
  if (!acrossOrders) return rows;
  const names = await eventNames(jukebase);
  return rows
    .map((row) =>
      row.replace(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, (id) => names.get(id) ?? id),
    )
    .sort();
}

async function eventNames(jukebase: Jukebase): Promise<Map<string, string>> {
  const found = await jukebase.database.pg.query<{ log_id: string; name: string }>(
    "select log_id, source || '/' || event_id as name from events.log",
  );
  return new Map(found.rows.map((row) => [row.log_id, row.name]));
}
