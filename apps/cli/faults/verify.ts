import type { Jukebase } from "@jukebase/domains/open.ts";
import { projectionBalance, sourceBalances } from "@jukebase/events";
import { runChecks, verifyMart } from "@jukebase/marts";
import { pgExecutor } from "@jukebase/platform";
import { verifyAudit } from "@jukebase/platform/audit.ts";
import type { Ledger } from "./ledger.ts";

/** One thing that has to hold: what, whether it does, over how many things, and the first that break it. */
export type Invariant = {
  readonly name: string;
  readonly holds: boolean;
  readonly over: number;
  readonly failing: readonly string[];
};

/** An invariant out of what breaks it. */
export function invariant(name: string, over: number, failing: readonly string[]): Invariant {
  return { name, holds: failing.length === 0, over, failing: failing.slice(0, 10) };
}

/** What the server holds of one source. */
type Held = {
  /** By id; how often, where it is not once. */
  readonly logged: Map<string, string | undefined>;
  readonly quarantined: Set<string>;
  readonly tracers: Map<string, number>;
  readonly items: number;
  readonly received: number;
  readonly duplicates: number;
};

/**
 * Holds the clients' log of each source against the database. Everything must be at rest: each request was acknowledged. How often a
 * request was committed tells its tracer; all else is then an equation, without any slack.
 */
export async function verifyLedgers(jukebase: Jukebase, ledgers: ReadonlyMap<string, Ledger>): Promise<Invariant[]> {
  const broken = { lost: [], answers: [], commits: [], counts: [], standing: [] } as Record<string, string[]>;
  let [ids, requests] = [0, 0];
  for (const [source, ledger] of ledgers) {
    const held = await heldOf(jukebase, source);
    ids += ledger.logged.size + ledger.quarantined.size;
    requests += ledger.requests.size;
    broken.lost?.push(...lost(source, ledger, held));
    broken.commits?.push(...commits(source, ledger, held));
    broken.counts?.push(...counts(source, ledger, held));
    broken.standing?.push(...(await standing(jukebase, source, ledger)));
    broken.answers?.push(...ledger.wrong.map((what) => `${source}: ${what}`));
  }
  return [
    invariant("every acknowledged event is in the log, or in quarantine, once", ids, broken.lost ?? []),
    invariant("each request was committed at least once, and not oftener than it was sent", requests, broken.commits ?? []),
    invariant("received, logged, duplicates and quarantined are what was sent", ledgers.size, broken.counts ?? []),
    invariant("of two bodies under one id the acknowledged one stands", ids, broken.standing ?? []),
    invariant("no answer was wrong", requests, broken.answers ?? []),
  ];
}

/** What must hold at any time, whatever is under way: law 1 by the server's own books, and the chain of the audit log. */
export async function verifyBooks(jukebase: Jukebase): Promise<Invariant[]> {
  const db = pgExecutor(jukebase.database.pg);
  const sources = await sourceBalances(db);
  const projections = [];
  for (const projection of projectionsOf(jukebase)) projections.push(await projectionBalance(db, projection));
  const proof = await verifyAudit(db);
  return [
    invariant("law 1: received = logged + duplicates + in quarantine + discarded + expired", sources.length, unbalanced(sources)),
    invariant("law 1: a projection's events = projected + changes + withdrawn + waiting + parked + unread", projections.length, [
      ...projections.filter(({ lost }) => lost !== 0).map(({ projection, lost }) => `${projection}: ${lost} lost`),
    ]),
    invariant(
      "the chain of the audit log holds",
      proof.entries,
      proof.broken.map(({ seq, what }) => `${seq} ${what}`),
    ),
  ];
}

/**
 * What must hold once everything is projected: the domains' own checks pass, each mart is its definition, and parked is the planted poison,
 * all of it and no more.
 */
export async function verifyTables(jukebase: Jukebase, ledgers: ReadonlyMap<string, Ledger>): Promise<Invariant[]> {
  const marts: string[] = [];
  const stores = jukebase.marts.filter(({ kind }) => kind !== "view");
  for (const { name } of stores) {
    const { missing, unexpected } = await verifyMart(jukebase.database.pg, name);
    if (missing + unexpected > 0) marts.push(`${name}: ${missing} rows missing, ${unexpected} unexpected`);
  }
  const { rows } = await jukebase.database.pg.query<{ name: string }>(
    `select log.source || '/' || log.event_id as name
     from events.parked
     join events.log on log.log_id = parked.log_id
     where parked.generation = 1`,
  );
  const parked = new Set(rows.map(({ name }) => name));
  const planted = new Set([...ledgers].flatMap(([source, { poison }]) => [...poison].map((id) => `${source}/${id}`)));
  const checks = jukebase.domains.flatMap((domain) => domain.checks);
  const failures = await runChecks(pgExecutor(jukebase.database.pg), checks);
  return [
    invariant(
      "the domains' own checks pass",
      checks.length,
      failures.map(({ name, rows, error }) => `${name}: ${error ?? `${rows} rows`}`),
    ),
    invariant("law 4: each mart is its definition, computed from scratch", stores.length, marts),
    invariant("parked is the planted poison and nothing else", planted.size, [
      ...[...planted].filter((name) => !parked.has(name)).map((name) => `not parked: ${name}`),
      ...[...parked].filter((name) => !planted.has(name)).map((name) => `parked: ${name}`),
    ]),
  ];
}

/** The projections of every domain. */
export function projectionsOf({ domains }: Pick<Jukebase, "domains">) {
  return domains.flatMap((domain) => domain.projections);
}

function unbalanced(sources: Awaited<ReturnType<typeof sourceBalances>>): string[] {
  return sources.filter(({ lost }) => lost !== 0).map(({ source, lost }) => `${source}: ${lost} lost`);
}

async function heldOf({ database }: Jukebase, source: string): Promise<Held> {
  const rows = async <Row extends object>(text: string): Promise<Row[]> => (await database.pg.query<Row>(text, [source])).rows;
  const logged = await rows<{ event_id: string; times: number; keyed: number }>(
    `select log.event_id, count(*)::int as times, count(key.event_key)::int as keyed
     from events.log
     left join events.key on key.event_key = log.event_key and key.log_id = log.log_id
     where log.source = $1
     group by log.event_id`,
  );
  const items = await rows<{ quarantine_id: string; event_id: string | null; type: string | null }>(
    "select quarantine_id, event_id, type from events.quarantine where source = $1",
  );
  const tracers = new Map<string, number>();
  for (const { type, event_id } of items)
    if (type === "Bench.Tracer" && event_id !== null) tracers.set(event_id, (tracers.get(event_id) ?? 0) + 1);
  const [batches] = await rows<{ received: number; duplicates: number }>(
    "select coalesce(sum(received), 0)::int as received, coalesce(sum(duplicates), 0)::int as duplicates from events.batch where source = $1",
  );
  return {
    logged: new Map(
      logged.map(({ event_id, times, keyed }) => [
        event_id,
        times === 1 && keyed === 1 ? undefined : `${times} times, ${keyed} keyed`,
      ]),
    ),
    quarantined: new Set(items.map(({ quarantine_id }) => quarantine_id)),
    tracers,
    items: items.length,
    received: batches?.received ?? 0,
    duplicates: batches?.duplicates ?? 0,
  };
}

function lost(source: string, ledger: Ledger, held: Held): string[] {
  const missing = [...ledger.logged.keys()].filter((id) => !held.logged.has(id)).map((id) => `lost: ${source}/${id}`);
  const gone = [...ledger.quarantined].filter((id) => !held.quarantined.has(id)).map((id) => `lost from quarantine: ${id}`);
  const twice = [...held.logged].flatMap(([id, often]) => (often === undefined ? [] : [`${often}: ${source}/${id}`]));
  return [...missing, ...gone, ...twice];
}

function commits(source: string, ledger: Ledger, { tracers }: Held): string[] {
  const wrong = [...ledger.requests].flatMap(([tracer, { unknown }]) => {
    const times = tracers.get(tracer) ?? 0;
    return times >= 1 && times <= 1 + unknown ? [] : [`${source}/${tracer}: committed ${times} times, sent ${1 + unknown} times`];
  });
  const strangers = [...tracers.keys()].filter((tracer) => !ledger.requests.has(tracer));
  return [...wrong, ...strangers.map((tracer) => `${source}/${tracer}: committed, but never acknowledged`)];
}

function counts(source: string, ledger: Ledger, held: Held): string[] {
  const expected = { received: 0, sound: 0, quarantined: 0 };
  for (const [tracer, { lines, sound, quarantined }] of ledger.requests) {
    const times = held.tracers.get(tracer) ?? 0;
    expected.received += times * lines;
    expected.sound += times * sound;
    expected.quarantined += times * quarantined;
  }
  const equations = [
    ["received", held.received, expected.received],
    ["logged", held.logged.size, ledger.logged.size],
    ["duplicates", held.duplicates, expected.sound - ledger.logged.size],
    ["quarantined", held.items, expected.quarantined],
  ] as const;
  return equations
    .filter(([, is, ought]) => is !== ought)
    .map(([what, is, ought]) => `${source}: ${what} is ${is}, and ought to be ${ought}`);
}

// Of contested ids: the amount in the log is the one that the acknowledged body said.
async function standing({ database }: Jukebase, source: string, ledger: Ledger): Promise<string[]> {
  const contested = [...ledger.logged].filter(([id]) => id.startsWith("contested-"));
  const { rows } = await database.pg.query<{ event_id: string; amount: string }>(
    `select event_id, data ->> 'PaymentAmount' as amount
     from events.log
     where source = $1 and event_id = any($2::text[])`,
    [source, contested.map(([id]) => id)],
  );
  const amounts = new Map(rows.map(({ event_id, amount }) => [event_id, Number(amount)]));
  return contested
    .filter(([id, variant]) => amounts.get(id) !== 10.5 + variant)
    .map(([id, variant]) => `${source}/${id}: ${amounts.get(id)} stands, and ${10.5 + variant} was acknowledged`);
}
