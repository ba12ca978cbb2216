import type { Jukebase } from "@jukebase/domains/open.ts";
import { type Refresh, refreshMarts } from "@jukebase/marts";
import { pendingRequests, settleRequest } from "@jukebase/marts/service/requests.ts";
import { type Executor, pgExecutor } from "@jukebase/platform";
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

// What is asked for is done once at least: a worker that dies in the middle leaves the request to the next.
async function doRequest({ database }: Jukebase, db: Executor, id: string): Promise<Refresh[]> {
  const request = (await pendingRequests(db)).find(({ request_id }) => request_id === id);
  if (request === undefined) return [];
  const { marts, actor } = request;
  const asked = { reason: "manual", actor } as const;
  const done = await refreshMarts(database.pg, { wait: false, asked, ...(marts.length === 0 ? {} : { only: marts }) });
  if (done.some(({ reason }) => reason === isHeld))
    throw new Error("Another refresh holds these marts; this one is tried again.");
  await settleRequest(db, id);
  return done;
}

const isHeld = "another refresh holds it";

function told(done: readonly Refresh[]): Refreshed {
  return {
    refreshed: done.filter(({ skipped }) => !skipped).map(({ name }) => name),
    failed: done.filter(({ error }) => error !== undefined).map(({ name }) => name),
  };
}
