import type { Executor } from "@jukebase/platform/executor.ts";
import { groundOf } from "../ground.ts";
import { inOrder } from "../order.ts";
import { literal } from "../quote.ts";
import { type Built, registeredMarts } from "../registry.ts";
import { dirtyOf, inStore } from "../store.ts";
import { type Behind, behindOf } from "./behind.ts";
import { dueAt } from "./schedule.ts";
import { type Unit, unitsOf } from "./units.ts";

/** How a unit of the marts that everybody reads stands at this moment. Everything in milliseconds, by the server's clock. */
export type UnitNow = Unit<Built> & {
  readonly behind: Behind;
  /** There is something to compute, not only a later position to write down. */
  readonly marked: boolean;
  /** Since when the oldest mark, or the oldest event that it could hold, has waited. */
  readonly since_ms: number | undefined;
  /** Until its schedule allows it; 0 or less: it does. */
  readonly due_in_ms: number;
  /** How long those of its marts that are behind may be behind. */
  readonly freshness_ms: number;
  readonly running: UnitRun | undefined;
  readonly last: UnitRun | undefined;
};

/** A refresh of a unit. */
export type UnitRun = {
  readonly unit: string;
  readonly started_ms: number;
  readonly finished_ms: number | null;
  readonly reason: string;
  readonly actor: string | null;
};

/** All units and the server's time. */
export async function unitsNow(db: Executor): Promise<{ readonly now_ms: number; readonly units: readonly UnitNow[] }> {
  const registered = await registeredMarts(db);
  const { checkpoints, now_ms } = await groundOf(db);
  const { zone, runs } = await clockwork(db);
  const marked = await markedSince(db, registered);
  const ordered = inOrder(registered);
  const units = unitsOf(registered).map((unit) => ({ ...unit, behind: behindOf(unit, ordered, checkpoints, now_ms, marked) }));
  const received = await receivedAfter(
    db,
    units.flatMap(({ behind }) => behind.from ?? []),
  );
  return {
    now_ms,
    units: units.map((unit): UnitNow => {
      const marks = unit.behind.marts.flatMap(({ store }) => marked.get(store) ?? []);
      const since = [...marks, ...(unit.behind.from === undefined ? [] : [received.get(unit.behind.from) ?? now_ms])];
      const promised = unit.behind.marts.length > 0 ? unit.behind.marts : unit.marts;
      return {
        ...unit,
        marked: marks.length > 0,
        since_ms: since.length > 0 ? Math.min(...since) : undefined,
        due_in_ms: Math.max(...unit.marts.map((mart) => dueAt(mart, now_ms, zone))) - now_ms,
        freshness_ms: Math.min(...promised.map(({ freshness_s }) => freshness_s * 1000)),
        running: runs.find((run) => run.finished_ms === null && run.unit === unit.key),
        last: runs.find((run) => run.finished_ms !== null && run.unit === unit.key),
      };
    }),
  };
}

async function clockwork(db: Executor): Promise<{ readonly zone: string; readonly runs: readonly UnitRun[] }> {
  const [row] = await db.query<{ zone: string; runs: string }>(
    `select
       platform.time_zone() as zone,
       coalesce((
         select jsonb_agg(
           jsonb_build_object(
             'unit', unit, 'reason', reason, 'actor', actor, 'started_ms', (extract(epoch from started_at) * 1000)::bigint,
             'finished_ms', (extract(epoch from finished_at) * 1000)::bigint
           ) order by started_at desc
         )
         from marts_store.refresh_run
       ), '[]')::text as runs`,
  );
  return { zone: row?.zone ?? "UTC", runs: JSON.parse(row?.runs ?? "[]") as UnitRun[] };
}

// Marks are appended, so any of them is nearly as old as the oldest; to find that one, all would have to be read.
async function markedSince(db: Executor, marts: readonly Built[]): Promise<ReadonlyMap<string, number>> {
  const questions = marts.filter(({ kind }) => kind !== "view").map(questionOf);
  if (questions.length === 0) return new Map();
  const rows = await db.query<{ store: string; since_ms: string }>(
    `select store, (extract(epoch from since) * 1000)::bigint::text as since_ms
     from (${questions.join(" union all ")}) as marked
     where since is not null`,
  );
  return new Map(rows.map(({ store, since_ms }) => [store, Number(since_ms)]));
}

function questionOf(mart: Built): string {
  const store = literal(mart.store);
  const whole = `(select marked_at from marts_store.mark where store = ${store} limit 1)`;
  const buckets = mart.kind === "rollup" ? `, (select marked_at from ${inStore(dirtyOf(mart))} limit 1)` : "";
  return `select ${store} as store, least(${whole}${buckets}) as since`;
}

// When the first batch after each of these positions was received.
async function receivedAfter(db: Executor, positions: readonly number[]): Promise<ReadonlyMap<number, number>> {
  if (positions.length === 0) return new Map();
  const rows = await db.query<{ position: string; received_ms: string }>(
    `select position::text as position, (extract(epoch from first.received_at) * 1000)::bigint::text as received_ms
     from unnest($1::bigint[]) as asked (position)
     cross join lateral (
       select received_at
       from events.batch
       where seq > position
       order by seq
       limit 1
     ) as first`,
    [positions],
  );
  return new Map(rows.map(({ position, received_ms }) => [Number(position), Number(received_ms)]));
}
