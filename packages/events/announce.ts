import type { Database } from "@jukebase/platform";

const gap_ms = 25;
const announcing = new WeakSet<Database["pg"]>();

/**
 * Tells the workers that the log has grown, once for all that is committed within 25 ms: each notification is a commit of its own. The
 * checkpoint is the truth, and workers look every second; this only spares them waiting, so nobody waits for it, nor hears if it fails.
 */
export function announceSoon({ database: { pg } }: { readonly database: Pick<Database, "pg"> }): void {
  if (announcing.has(pg)) return;
  announcing.add(pg);
  setTimeout(() => {
    announcing.delete(pg);
    if (!pg.ending) pg.query("notify jukebase_events").catch(() => undefined);
  }, gap_ms).unref();
}
