import { NotFound, transaction } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import type { Intake } from "./load.ts";
import { itemsThatTell } from "./shred.ts";
import { type Subject, type SubjectEvent, subjectEvents, subjectText } from "./subject.ts";
import { recognise } from "./tells-of.ts";
import { storedOf, storedValue } from "./vault.ts";

/** Everything that is known of a person, readable by a program. */
export type SubjectExport = {
  readonly subject: string;
  readonly exported_at: string;
  /** The events that tell of it, as they are counted; `personal` holds what the vault keeps for them, by field. */
  readonly events: readonly (SubjectEvent & { readonly personal: Readonly<Record<string, string>> })[];
  /** Every value in the vault, with the event it came with where that event still names the subject. */
  readonly values: readonly {
    readonly field: string;
    readonly value: string | null;
    readonly token: string;
    readonly event_key: string | null;
  }[];
  /** Quarantined items that tell of it, by id; `jukebase quarantine show` has what was received. */
  readonly quarantine: readonly { readonly quarantine_id: string; readonly status: string }[];
};

/** Collects it, and writes down for what purpose. Throws `NotFound` when nothing is known of the subject. */
export async function exportSubject(
  { database, contracts, keys, clock }: Pick<Intake, "database" | "contracts" | "keys" | "clock">,
  subject: Subject,
  { actor, purpose }: { readonly actor: string; readonly purpose: string },
): Promise<SubjectExport> {
  const name = subjectText(subject);
  const now = clock.now();
  return transaction(database.pg, async (db) => {
    const events = await subjectEvents(db, contracts, subject);
    const stored = await storedOf(db, name);
    const values: { token: string; field: string; value: string | null }[] = [];
    for (const row of stored)
      values.push({ token: row.token, field: row.field, value: (await storedValue(db, keys, row)) ?? null });
    const plain = values.flatMap(({ value }) => value ?? []);
    const quarantine = await itemsThatTell({ db, keys, contracts }, recognise(contracts, subject, plain), false);
    if (events.length + values.length + quarantine.length === 0) throw new NotFound(`Nothing is known of ${name}.`);
    const after = { events: events.length, values: values.length, quarantine: quarantine.length };
    await audit(db, { actor, action: "privacy.export", object: name, why: purpose, after }, now);
    const byToken = new Map(values.map((value) => [value.token, value]));
    const owners = new Map<string, string>();
    const told = events.map((event) => {
      const personal: Record<string, string> = {};
      for (const token of tokensIn(event.data)) {
        const known = byToken.get(token);
        if (known === undefined) continue;
        owners.set(token, event.event_key);
        if (known.value !== null) personal[known.field] = known.value;
      }
      return { ...event, personal };
    });
    const kept = values.map((value) => ({ ...value, event_key: owners.get(value.token) ?? null }));
    return { subject: name, exported_at: now.toISOString(), events: told, values: kept, quarantine };
  });
}

function tokensIn(value: unknown): string[] {
  if (typeof value === "string") return value.startsWith("tok_") ? [value] : [];
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(tokensIn);
}
