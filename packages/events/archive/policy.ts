import { type Executor, Invalid } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";

/** How many whole months of the log stay in the database; `undefined` keeps everything. */
export type ArchivePolicy = { readonly keep_months: number | undefined };

/** What is archived by policy. */
export async function archivePolicy(db: Executor): Promise<ArchivePolicy> {
  const [row] = await db.query<{ keep_months: number | null }>("select keep_months from events.archive_policy");
  return { keep_months: row?.keep_months ?? undefined };
}

/** Sets the policy and writes it down in the audit log; call it in a transaction. Throws `Invalid` for less than a month. */
export async function setArchivePolicy(
  db: Executor,
  policy: ArchivePolicy,
  { actor, at }: { readonly actor: string; readonly at: Date },
): Promise<void> {
  const { keep_months } = policy;
  if (keep_months !== undefined && !(Number.isSafeInteger(keep_months) && keep_months >= 1 && keep_months <= 1200))
    throw new Invalid(`${keep_months} is not a number of months to keep: give a whole number from 1 to 1200.`);
  const before = await archivePolicy(db);
  await db.query("update events.archive_policy set keep_months = $1", [keep_months ?? null]);
  await audit(db, { actor, action: "archive.policy", object: "events.log", before, after: policy }, at);
}

/** The month before which everything may be archived, as `YYYY-MM`; undefined when the policy keeps everything. */
export function monthOfPolicy({ keep_months }: ArchivePolicy, now: Date): string | undefined {
  if (keep_months === undefined) return undefined;
  return monthOf(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - keep_months, 1)));
}

/** `YYYY-MM` of an instant, in UTC as the partitions are. */
export function monthOf(instant: Date): string {
  return instant.toISOString().slice(0, 7);
}

/** Throws `Invalid` for what is no month, or one that has not ended: its partition may still be written. */
export function requirePastMonth(text: string, now: Date): string {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(text))
    throw new Invalid(`"${text}" is not a month: write it as YYYY-MM, for example 2025-06.`);
  if (text > monthOf(now))
    throw new Invalid(`${text} has not begun: only months that have ended leave the log. Give ${monthOf(now)} or earlier.`);
  return text;
}
