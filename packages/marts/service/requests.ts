import type { Executor } from "@jukebase/platform/executor.ts";

/** A refresh that somebody asked for and that waits for a worker; no marts: all of them. `asked_at` is text as the server writes it in JSON. */
export type RefreshRequest = {
  readonly request_id: string;
  readonly marts: readonly string[];
  readonly actor: string;
  readonly asked_at: string;
};

/** Asks for a refresh of these marts and what they stand on, or of all. A worker does it as soon as it can. */
export async function requestRefresh(db: Executor, marts: readonly string[], actor: string): Promise<void> {
  await db.query("insert into marts_store.refresh_request (marts, actor) values ($1, $2)", [marts, actor]);
  await db.query("notify jukebase_events");
}

/** What was asked for and is not done, the oldest first. */
export async function pendingRequests(db: Executor): Promise<RefreshRequest[]> {
  const rows = await db.query<{ request: string }>(
    "select to_jsonb(refresh_request)::text as request from marts_store.refresh_request order by request_id",
  );
  return rows.map(({ request }) => JSON.parse(request) as RefreshRequest);
}

/** Notes that a request is done. */
export async function settleRequest(db: Executor, request_id: string): Promise<void> {
  await db.query("delete from marts_store.refresh_request where request_id = $1", [request_id]);
}
