import type { Jukebase } from "@jukebase/domains/open.ts";
import { type MartListener, type Refresh, type RefreshOptions, refreshMarts } from "@jukebase/marts";
import { pendingRequests, settleRequest } from "@jukebase/marts/service/requests.ts";
import { unitsNow } from "@jukebase/marts/service/units-now.ts";
import { type Executor, Invalid, pgExecutor } from "@jukebase/platform";
import type { RefreshPayload } from "./refresh-jobs.ts";

/** What a job of the marts' queue did, by name. Marts that failed are tried again by themselves, and fail no job. */
export type Refreshed = { readonly refreshed: readonly string[]; readonly failed: readonly string[] };

/** Refreshes the units, or does the request, that a job speaks of; a job that says nothing means every mart. */
export async function refresh(jukebase: Jukebase, payload: unknown, interrupted: () => boolean): Promise<Refreshed> {
  const { pg } = jukebase.database;
  const job = payload as RefreshPayload | null;
  if (job !== null && "request" in job) return told(await doRequest(jukebase, pgExecutor(pg), job.request));
  if (job === null) return told(await refreshTold(jukebase, { wait: false, asked: { reason: "event" } }));
  const { units, reason, held_ms } = job;
  const due = reason === "schedule" ? await dueTimes(pgExecutor(pg)) : new Map<string, Date>();
  const done: Refresh[] = [];
  for (const list of units) {
    if (interrupted()) break;
    const scheduledFor = list.flatMap((key) => due.get(key) ?? [])[0];
    done.push(...(await refreshTold(jukebase, { units: [list], wait: false, asked: { reason, held_ms } }, scheduledFor)));
  }
  return told(done);
}

function refreshTold({ database, martWork }: Jukebase, options: RefreshOptions, scheduledFor?: Date): Promise<Refresh[]> {
  const work = (listener: MartListener | undefined) => refreshMarts(database.pg, { ...options, listener });
  return martWork.during("marts.refresh", work, { scheduledFor });
}

// From when on each unit that has a schedule may be refreshed now.
async function dueTimes(db: Executor): Promise<ReadonlyMap<string, Date>> {
  const { units, now_ms } = await unitsNow(db);
  const scheduled = units.filter(({ marts, due_in_ms }) => due_in_ms <= 0 && marts.some(({ refresh }) => refresh !== null));
  return new Map(scheduled.map(({ key, due_in_ms }) => [key, new Date(now_ms + due_in_ms)]));
}

// What is asked for is done once at least: a worker that dies in the middle leaves the request to the next. What cannot be done, since a
// mart is gone by now, is not asked for for ever.
async function doRequest(jukebase: Jukebase, db: Executor, id: string): Promise<Refresh[]> {
  const request = (await pendingRequests(db)).find(({ request_id }) => request_id === id);
  if (request === undefined) return [];
  const { marts, actor } = request;
  const asked = { reason: "manual", actor } as const;
  try {
    const done = await refreshTold(jukebase, marts.length === 0 ? { asked } : { only: marts, asked });
    await settleRequest(db, id);
    return done;
  } catch (failure) {
    if (failure instanceof Invalid) await settleRequest(db, id);
    throw failure;
  }
}

function told(done: readonly Refresh[]): Refreshed {
  return {
    refreshed: done.filter(({ skipped }) => !skipped).map(({ name }) => name),
    failed: done.filter(({ error }) => error !== undefined).map(({ name }) => name),
  };
}
