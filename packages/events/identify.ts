import type { Executor } from "@jukebase/platform";
import type { BatchOrigin } from "./append.ts";
import { factId } from "./identity.ts";
import type { Judged, Sound } from "./judge.ts";
import { identifyObservations } from "./observe.ts";

/** A sound event with the id under which it will be known. */
export type Identified = { readonly event: Sound; readonly ordinal: number; readonly id: string };

/** Every sound event's id; `unchanged` are observations that repeat the last state, by ordinal, with the event that told it first. */
export async function identify(
  db: Executor,
  judged: readonly Judged[],
  origin: BatchOrigin,
): Promise<{ identified: Identified[]; unchanged: Map<number, string> }> {
  const named: Identified[] = [];
  const unnamed: Unnamed[] = [];
  for (const [ordinal, event] of judged.entries()) {
    if (!event.sound) continue;
    if (event.id === undefined) unnamed.push({ event, ordinal });
    else named.push({ event, ordinal, id: event.id });
  }
  if (unnamed.length === 0) return { identified: named, unchanged: new Map() };
  if (origin.source.kind === "observations") {
    const observed = await identifyObservations(db, unnamed, origin);
    return { identified: inOrder([...named, ...observed.changed]), unchanged: observed.unchanged };
  }
  return { identified: inOrder([...named, ...(await identifyFacts(db, unnamed, origin))]), unchanged: new Map() };
}

/** A sound event that came without an id. */
export type Unnamed = { readonly event: Sound; readonly ordinal: number };

async function identifyFacts(
  db: Executor,
  unnamed: readonly Unnamed[],
  { source, loadId, scope }: BatchOrigin,
): Promise<Identified[]> {
  const next = await firstOccurrences(
    db,
    unnamed.filter(({ event }) => event.again === undefined),
    loadId,
  );
  return unnamed.map(({ event, ordinal }) => {
    if (event.again !== undefined)
      return { event, ordinal, id: factId(source.source, event.type, event.content, event.again.occurrence, event.again.scope) };
    const occurrence = next.get(event.content) ?? 1;
    next.set(event.content, occurrence + 1);
    return { event, ordinal, id: factId(source.source, event.type, event.content, occurrence, scope ?? "") };
  });
}

// How far earlier batches of the same load have counted; kept in the database so that a resumed load counts on.
async function firstOccurrences(
  db: Executor,
  unnamed: readonly Unnamed[],
  loadId: string | undefined,
): Promise<Map<string, number>> {
  if (unnamed.length === 0 || loadId === undefined) return new Map();
  const counts = new Map<string, number>();
  for (const { event } of unnamed) counts.set(event.content, (counts.get(event.content) ?? 0) + 1);
  const rows = await db.query<{ content: string; n: number }>(
    `insert into events.occurrence as known (load_id, content, n)
     select $1::uuid, content, n
     from jsonb_to_recordset($2::jsonb) as row(content uuid, n int)
     order by content
     on conflict (load_id, content) do update set n = known.n + excluded.n
     returning content, n`,
    [loadId, JSON.stringify([...counts].map(([content, n]) => ({ content, n })))],
  );
  return new Map(rows.map(({ content, n }) => [content, n - (counts.get(content) as number) + 1]));
}

function inOrder(events: readonly Identified[]): Identified[] {
  return events.toSorted((a, b) => a.ordinal - b.ordinal);
}
