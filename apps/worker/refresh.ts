import type { Jukebase } from "@jukebase/domains/open.ts";
import { type Refresh, refreshMarts } from "@jukebase/marts";
import { pendingRequests, settleRequest } from "@jukebase/marts/service/requests.ts";
import { type Executor, Invalid, pgExecutor } from "@jukebase/platform";
import type { RefreshPayload } from "./refresh-jobs.ts";

/** What a job of the marts' queue did, by name. Marts that failed are tried again by themselves, and fail no job. */
export type Refreshed = { readonly refreshed: readonly string[]; readonly failed: readonly string[] };

/** Refreshes the units, or does the request, that a job speaks of; a job that says nothing means every mart. */
export async function refresh(jukebase: Jukebase, payload: unknown, interrupted: () => boolean): Promise<Refreshed> {
  const { pg } = jukebase.database;
  const job = payload as RefreshPayload | null;
  if (job !== null && "request" in job) return told(await doRequest(jukebase, pgExecutor(pg), job.request));
  if (job === null) return told(await refreshMarts(pg, { wait: false, asked: { reason: "event" } }));
  const { units, reason, held_ms } = job;
  const done: Refresh[] = [];
  for (const list of units) {
    if (interrupted()) break;
    done.push(...(await refreshMarts(pg, { units: [list], wait: false, asked: { reason, held_ms } })));
  }
  return told(done);
}

// What is asked for is done once at least: a worker that dies in the middle leaves the request to the next. What cannot be done, since a
// mart is gone by now, is not asked for for ever.
async function doRequest({ database }: Jukebase, db: Executor, id: string): Promise<Refresh[]> {
  const request = (await pendingRequests(db)).find(({ request_id }) => request_id === id);
  if (request === undefined) return [];
  const { marts, actor } = request;
  const asked = { reason: "manual", actor } as const;
  try {
    const done = await refreshMarts(database.pg, marts.length === 0 ? { asked } : { only: marts, asked });
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
