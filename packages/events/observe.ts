import type { Executor } from "@jukebase/platform";
import type { BatchOrigin } from "./append.ts";
import type { Identified, Unnamed } from "./identify.ts";
import { eventKey } from "./identity.ts";
import type { Sound } from "./judge.ts";

/**
 * States seen, against the last ones known: what repeats the last state is `unchanged` (by ordinal, with the event that told it), what
 * differs is an event known as the thing's natural id and the moment it was seen. What was seen earlier than the last state is logged
 * too, and does not become the last.
 */
export async function identifyObservations(
  db: Executor,
  unnamed: readonly Unnamed[],
  origin: BatchOrigin,
): Promise<{ changed: Identified[]; unchanged: Map<number, string> }> {
  const changed: Identified[] = [];
  const unchanged = new Map<number, string>();
  if (unnamed.length === 0) return { changed, unchanged };
  const source = origin.source.source;
  await db.query("select pg_advisory_xact_lock(hashtextextended($1, 1))", [`observations of ${source}`]);
  const states = await lastStates(db, unnamed, source);
  const bodies = await knownBodies(db, unnamed, origin);
  for (const { event, ordinal } of unnamed) {
    const natural = naturalId(event);
    const place = `${event.type} ${natural}`;
    const last = states.get(place);
    if (last?.body === event.content) {
      unchanged.set(ordinal, last.eventId);
      states.set(place, { ...last, seen: true });
      continue;
    }
    const seenAt = observedAt(event, origin.receivedAt);
    const id = idOf(event, momentId(event, origin.receivedAt), bodies);
    const told = [...(last?.told ?? []), id];
    const isNews = last === undefined || seenAt >= last.observedAt;
    const state = { type: event.type, natural, body: event.content, eventId: id, observedAt: seenAt };
    states.set(place, isNews ? { ...state, told, seen: true } : { ...last, told, seen: true });
    changed.push({ event, ordinal, id });
  }
  await saveStates(
    db,
    source,
    origin.loadId,
    [...states.values()].filter((state) => state.seen),
  );
  return { changed, unchanged };
}

type State = {
  readonly type: string;
  readonly natural: string;
  readonly body: string;
  readonly eventId: string;
  readonly observedAt: string;
  /** The events that told of this thing since it was last heard of again. */
  readonly told: readonly string[];
  readonly seen: boolean;
};

async function lastStates(db: Executor, unnamed: readonly Unnamed[], source: string): Promise<Map<string, State>> {
  const rows = await db.query<{
    type: string;
    natural_id: string;
    body: string;
    event_id: string;
    event_ids: string[];
    observed_at: string;
  }>(
    `select type, natural_id, body, event_id, event_ids, observed_at::text as observed_at
     from events.observation
     where source = $1 and natural_id = any($2::text[])`,
    [source, [...new Set(unnamed.map(({ event }) => naturalId(event)))]],
  );
  const states = rows.map((row): [string, State] => [
    `${row.type} ${row.natural_id}`,
    {
      type: row.type,
      natural: row.natural_id,
      body: row.body,
      eventId: row.event_id,
      observedAt: new Date(row.observed_at).toISOString(),
      told: row.event_ids,
      seen: false,
    },
  ]);
  return new Map(states);
}

// Which body each moment's id stands for already, if any.
async function knownBodies(
  db: Executor,
  unnamed: readonly Unnamed[],
  { source, receivedAt }: BatchOrigin,
): Promise<Map<string, string>> {
  const ids = new Map(unnamed.map(({ event }) => momentId(event, receivedAt)).map((id) => [eventKey(source.source, id), id]));
  const rows = await db.query<{ event_key: string; body: string }>(
    "select event_key, body from events.key where event_key = any($1::uuid[])",
    [[...ids.keys()]],
  );
  return new Map(rows.map((row) => [ids.get(row.event_key) as string, row.body]));
}

// Two states of a thing may be seen at one moment; the second is told apart by its body.
function idOf(event: Sound, moment: string, bodies: Map<string, string>): string {
  const body = bodies.get(moment);
  if (body !== undefined && body !== event.hash) return `${moment}~${event.hash.slice(0, 8)}`;
  bodies.set(moment, event.hash);
  return moment;
}

async function saveStates(db: Executor, source: string, loadId: string | undefined, states: readonly State[]): Promise<void> {
  await db.query(
    `insert into events.observation as known (source, type, natural_id, body, event_id, event_ids, observed_at, last_load_id)
     select $1, type, "natural", body, "eventId", told, "observedAt", $2::uuid
     from jsonb_to_recordset($3::jsonb) as row(
       type text, "natural" text, body uuid, "eventId" text, told text[], "observedAt" timestamptz
     )
     on conflict (source, type, natural_id) do update set
       body = excluded.body, event_id = excluded.event_id, event_ids = excluded.event_ids, observed_at = excluded.observed_at,
       last_load_id = coalesce(excluded.last_load_id, known.last_load_id)`,
    [source, loadId ?? null, JSON.stringify(states)],
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

function momentId(event: Sound, receivedAt: Date): string {
  return `${naturalId(event)}@${saidMoment(event) ?? event.again?.receivedAt ?? receivedAt.toISOString()}`;
}

// The moment a source names is when it looked; without one it is when we received it, the first time.
function observedAt(event: Sound, receivedAt: Date): string {
  const said = Date.parse(saidMoment(event) ?? "");
  if (!Number.isNaN(said)) return new Date(said).toISOString();
  return event.again === undefined ? receivedAt.toISOString() : new Date(event.again.receivedAt).toISOString();
}

function saidMoment(event: Sound): string | undefined {
  const time = event.received.outcome.ok ? event.received.outcome.envelope.time : undefined;
  return typeof time === "string" ? time : undefined;
}
