import type { Executor } from "@jukebase/platform";
import type { BatchOrigin } from "./append.ts";
import { factId } from "./identity.ts";
import type { Judged, Sound } from "./judge.ts";

/** A sound event with the id under which it will be known. */
export type Identified = { readonly event: Sound; readonly ordinal: number; readonly id: string };

/** Every sound event's id; `unchanged` are observations that repeat the last state, by ordinal, with the event that told it first. */
export async function identify(
  db: Executor,
  judged: readonly Judged[],
  origin: BatchOrigin,
): Promise<{ identified: Identified[]; unchanged: Map<number, string> }> {
  const sound = judged.flatMap((event, ordinal) => (event.sound ? [{ event, ordinal }] : []));
  const named = sound.flatMap(({ event, ordinal }) => (event.id === undefined ? [] : [{ event, ordinal, id: event.id }]));
  const unnamed = sound.filter(({ event }) => event.id === undefined);
  if (origin.source.kind === "observations") {
    const observed = await identifyObservations(db, unnamed, origin);
    return { identified: inOrder([...named, ...observed.changed]), unchanged: observed.unchanged };
  }
  return { identified: inOrder([...named, ...(await identifyFacts(db, unnamed, origin))]), unchanged: new Map() };
}

type Unnamed = { readonly event: Sound; readonly ordinal: number };

async function identifyFacts(
  db: Executor,
  unnamed: readonly Unnamed[],
  { source, loadId, scope }: BatchOrigin,
): Promise<Identified[]> {
  const next = await firstOccurrences(
    db,
    unnamed.filter(({ event }) => event.occurrence === undefined),
    loadId,
  );
  return unnamed.map(({ event, ordinal }) => {
    if (event.occurrence !== undefined)
      return { event, ordinal, id: factId(source.source, event.type, event.content, event.occurrence, "mended") };
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

async function identifyObservations(
  db: Executor,
  unnamed: readonly Unnamed[],
  { source, receivedAt, loadId }: BatchOrigin,
): Promise<{ changed: Identified[]; unchanged: Map<number, string> }> {
  const changed: Identified[] = [];
  const unchanged = new Map<number, string>();
  if (unnamed.length === 0) return { changed, unchanged };
  await db.query("select pg_advisory_xact_lock(hashtextextended($1, 1))", [`observations of ${source.source}`]);
  const states = await lastStates(db, unnamed, source.source);
  for (const { event, ordinal } of unnamed) {
    const natural = naturalId(event);
    const place = `${event.type} ${natural}`;
    const last = states.get(place);
    if (last?.body === event.content) {
      unchanged.set(ordinal, last.eventId);
      states.set(place, { ...last, seen: true });
      continue;
    }
    const id = `${natural}@${observedAt(event, receivedAt)}`;
    states.set(place, { type: event.type, natural, body: event.content, eventId: id, seen: true });
    changed.push({ event, ordinal, id });
  }
  await saveStates(
    db,
    source.source,
    receivedAt,
    loadId,
    [...states.values()].filter((state) => state.seen),
  );
  return { changed, unchanged };
}

type State = { type: string; natural: string; body: string; eventId: string; seen: boolean };

async function lastStates(db: Executor, unnamed: readonly Unnamed[], source: string): Promise<Map<string, State>> {
  const rows = await db.query<{ type: string; natural_id: string; body: string; event_id: string }>(
    `select type, natural_id, body, event_id
     from events.observation
     where source = $1 and natural_id = any($2::text[])`,
    [source, [...new Set(unnamed.map(({ event }) => naturalId(event)))]],
  );
  return new Map(
    rows.map((row) => [
      `${row.type} ${row.natural_id}`,
      { type: row.type, natural: row.natural_id, body: row.body, eventId: row.event_id, seen: false },
    ]),
  );
}

async function saveStates(
  db: Executor,
  source: string,
  observed: Date,
  loadId: string | undefined,
  states: readonly State[],
): Promise<void> {
  await db.query(
    `insert into events.observation (source, type, natural_id, body, event_id, observed_at, last_load_id)
     select $1, type, "natural", body, "eventId", $2::timestamptz, $3::uuid
     from jsonb_to_recordset($4::jsonb) as row(type text, "natural" text, body uuid, "eventId" text)
     on conflict (source, type, natural_id) do update set
       body = excluded.body, event_id = excluded.event_id, observed_at = excluded.observed_at, last_load_id = excluded.last_load_id`,
    [source, observed.toISOString(), loadId ?? null, JSON.stringify(states)],
  );
}

function naturalId(event: Sound): string {
  const column = event.contract.columns.find(({ name }) => name === event.contract.naturalKey);
  const value = (column?.path ?? []).reduce<unknown>(
    (at, step) => (at as Record<string, unknown> | undefined)?.[step],
    event.body.data,
  );
  return String(value ?? event.content);
}

function observedAt(event: Sound, receivedAt: Date): string {
  const time = event.received.outcome.ok ? event.received.outcome.envelope.time : undefined;
  return typeof time === "string" ? time : receivedAt.toISOString();
}

function inOrder(events: readonly Identified[]): Identified[] {
  return events.toSorted((a, b) => a.ordinal - b.ordinal);
}
