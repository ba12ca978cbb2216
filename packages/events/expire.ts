import { type Clock, type Database, type Executor, transaction } from "@jukebase/platform";
import { audit, lockAudit } from "@jukebase/platform/audit.ts";

/** For how many days what is sealed under a day's key can be read, where nothing else is configured. */
export const sealedDays = 90;
/** How many days before it is said what will expire. */
const warning_days = 14;

/** What went with the keys that were too old. */
export type Expired = { readonly days: number; readonly items: number };

type Context = {
  readonly database: Database;
  readonly clock: Clock;
  readonly config: { readonly sealedDays?: number | undefined };
};

/**
 * Deletes the keys of days that are too old, and marks the open items that nobody can read any more as expired. Unknown fields of those
 * days stay in the log as they are, unreadable. Twice is the same as once; an item that is being replayed is waited for.
 */
export async function expire({ database, clock, config }: Context, actor: string): Promise<Expired> {
  const now = clock.now();
  const oldest = dayBefore(now, config.sealedDays ?? sealedDays);
  return transaction(database.pg, async (db) => {
    const [due] = await db.query<{ days: boolean; items: boolean }>(
      `select
         exists (select from vault.day_key where day < $1::date) as days,
         exists (select from events.quarantine where status = 'open' and not (${readable})) as items`,
      [oldest],
    );
    if (!due?.days && !due?.items) return { days: 0, items: 0 };
    await lockAudit(db);
    const days = await db.query("delete from vault.day_key where day < $1::date returning day", [oldest]);
    const items = await db.query(
      `update events.quarantine
       set
         status = 'expired', bytes = null, fixed = null, scope = null, sealed_scope = null, resolved_at = $1::timestamptz,
         resolution = 'The key of its day expired.'
       where status = 'open'
         and not (${readable})
       returning quarantine_id`,
      [now.toISOString()],
    );
    const done = { days: days.length, items: items.length };
    if (done.days + done.items === 0) return done; // Another sweep was first.
    await audit(db, { actor, action: "privacy.expire", object: `days before ${oldest}`, after: done }, now);
    return done;
  });
}

/** Open items that will be unreadable soon, by type and reason, the next to go first. */
export type Expiring = {
  readonly type: string | null;
  readonly reason: string;
  readonly items: number;
  readonly expires_on: string;
};

/** What expires within the warning time unless it is mended and replayed; `expires_on` is the first day on which the next item is gone. */
export function expiringSoon(
  db: Executor,
  { clock, config }: Pick<Context, "clock" | "config">,
  within_days = warning_days,
): Promise<Expiring[]> {
  const days = config.sealedDays ?? sealedDays;
  return db.query<Expiring>(
    `with lasting as (
       select type, reason, greatest(bytes_day, fixed_day) + $1::int + 1 as expires_on
       from events.quarantine
       where status = 'open'
     )
     select type, reason, count(*)::int as items, min(expires_on)::text as expires_on
     from lasting
     where expires_on <= $2::date + $3::int
     group by type, reason
     order by expires_on, items desc, type, reason`,
    [days, clock.now().toISOString(), within_days],
  );
}

const readable = `exists (select from vault.day_key where day_key.day = bytes_day and bytes is not null)
       or exists (select from vault.day_key where day_key.day = fixed_day and fixed is not null)`;

function dayBefore(now: Date, days: number): string {
  return new Date(now.getTime() - days * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
}
