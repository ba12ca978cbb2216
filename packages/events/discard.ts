import { Invalid, transaction } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import type { Doer } from "./doer.ts";
import type { Intake } from "./load.ts";
import { choiceInWords, filterValues, idsHash, matching, type QuarantineChoice, requireId } from "./quarantine-choice.ts";

/** Sets open items aside for good, with the reason why; they stay counted. Returns how many. */
export async function discardQuarantine(
  { database, clock }: Pick<Intake, "database" | "clock">,
  { ids, ...filter }: QuarantineChoice,
  by: Doer & { readonly why: string },
): Promise<number> {
  for (const id of ids ?? []) requireId(id);
  if (by.why.trim() === "") throw new Invalid('Say why these items are discarded: --why "…".');
  return transaction(database.pg, async (db) => {
    const now = clock.now();
    const rows = await db.query<{ quarantine_id: string }>(
      `update events.quarantine
       set status = 'discarded', resolved_at = $8, resolution = $9
       where ${matching}
         and ($7::uuid[] is null or quarantine_id = any($7::uuid[]))
       returning quarantine_id`,
      [...filterValues({ ...filter, status: "open" }), ids ?? null, now.toISOString(), by.why],
    );
    if (rows.length === 0) return 0;
    const before = { open: rows.length, items: idsHash(rows.map((row) => row.quarantine_id)) };
    const after = { discarded: rows.length };
    await audit(db, { ...by, action: "quarantine.discard", object: choiceInWords({ ids, ...filter }), before, after }, now);
    return rows.length;
  });
}
