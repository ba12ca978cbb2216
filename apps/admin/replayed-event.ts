import type { Jukebase } from "@jukebase/domains/open.ts";
import {
  asEnvelope,
  type EventFate,
  eventKey,
  factId,
  judge,
  modesNow,
  parseExact,
  type QuarantineItem,
  receivedAgain,
  type Source,
  showEvent,
} from "@jukebase/events";
import { NotFound, pgExecutor } from "@jukebase/platform";

type Replayed = QuarantineItem & { readonly received: string | undefined; readonly envelope: string | undefined };

/** The logged event that a replayed item became: found by the identity that its text has; undefined when it can't be told. */
export async function eventOfReplayed(jukebase: Jukebase, item: Replayed): Promise<EventFate | undefined> {
  const id = await identityOf(jukebase, item);
  if (id === undefined) return undefined;
  try {
    return await showEvent(pgExecutor(jukebase.database.pg), eventKey(item.source, id));
  } catch (error) {
    if (error instanceof NotFound) return undefined; // Logged under an identity that its text alone doesn't tell.
    throw error;
  }
}

async function identityOf(jukebase: Jukebase, item: Replayed): Promise<string | undefined> {
  const text = item.envelope ?? item.received;
  const parsed = text === undefined ? undefined : parseExact(text);
  if (!parsed?.ok || parsed.value === null || typeof parsed.value !== "object" || Array.isArray(parsed.value)) return undefined;
  const envelope = asEnvelope(parsed.value, item.type ?? "");
  const bench = {
    contracts: jukebase.contracts,
    source: await sourceOf(jukebase, item.source),
    keys: jukebase.keys,
    receivedAt: jukebase.clock.now(),
    modes: await modesNow(jukebase),
  };
  const verdict = judge(receivedAgain(text as string, envelope), bench);
  if (!verdict.sound) return undefined;
  return verdict.id ?? factId(item.source, verdict.type, verdict.content, await occurrence(jukebase, item), "mended");
}

// Read here, because declaring a source writes it, and looking at a page changes nothing.
async function sourceOf({ database }: Jukebase, name: string): Promise<Source> {
  const { rows } = await database.pg.query<Pick<Source, "source" | "kind" | "namespace"> & { dialect: Source["dialect"] }>(
    `select source, kind, namespace,
       jsonb_strip_nulls(jsonb_build_object('timeZone', time_zone, 'currency', currency, 'dateOrder', date_order)) as dialect
     from events.source
     where source = $1`,
    [name],
  );
  if (!rows[0]) throw new NotFound(`No source is called ${name}.`);
  return rows[0];
}

// Which of the equal broken ones of its load it was: as a replay counts them.
async function occurrence({ database }: Jukebase, { quarantine_id }: Replayed): Promise<number> {
  const { rows } = await database.pg.query<{ n: number }>(
    `select count(*)::int as n
     from events.quarantine as equal
     join events.quarantine as item on item.quarantine_id = $1
     where equal.load_id is not distinct from item.load_id
       and equal.content = item.content
       and equal.quarantine_id <= item.quarantine_id`,
    [quarantine_id],
  );
  return rows[0]?.n ?? 1;
}
