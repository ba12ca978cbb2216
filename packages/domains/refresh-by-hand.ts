import type { Doer } from "@jukebase/events";
import { type Refresh, refreshMarts, schemaOf } from "@jukebase/marts";
import { requestRefresh } from "@jukebase/marts/service/requests.ts";
import { type Executor, NotFound, transaction } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import type { Jukebase } from "./open.ts";

/**
 * Refreshes these marts and what they stand on (undefined: all), now and in this process; written down in the audit log before. `env`: those
 * of that environment.
 */
export async function refreshByHand(jukebase: Jukebase, by: Doer, names?: readonly string[], env?: string): Promise<Refresh[]> {
  const schema = schemaOf(env);
  const named = schema === schemaOf(undefined) ? names : (names ?? ["every mart"]).map((name) => `${schema}: ${name}`);
  await transaction(jukebase.database.pg, (db) => noteDown(db, jukebase, by, named));
  const asked = { reason: "manual", actor: by.actor } as const;
  const options = { schema, asked, ...(names === undefined ? {} : { only: names }) };
  return jukebase.martWork.during("marts.refresh", (listener) => refreshMarts(jukebase.database.pg, { ...options, listener }));
}

/** Has a worker refresh these marts and what they stand on (undefined: all); written down in the audit log. Throws `NotFound`. */
export async function askForRefresh(jukebase: Jukebase, by: Doer, names?: readonly string[]): Promise<void> {
  const unknown = names?.find((name) => !jukebase.marts.some((mart) => mart.name === name));
  if (unknown !== undefined) throw new NotFound(`No mart is called ${unknown}.`);
  await transaction(jukebase.database.pg, async (db) => {
    await noteDown(db, jukebase, by, names);
    await requestRefresh(db, names ?? [], by.actor);
  });
}

function noteDown(db: Executor, { clock }: Jukebase, by: Doer, names: readonly string[] | undefined): Promise<void> {
  return audit(db, { ...by, action: "marts.refresh", object: names?.join(", ") ?? "every mart" }, clock.now());
}
