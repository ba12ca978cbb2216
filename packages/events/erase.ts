import { Conflict, type Executor, Invalid, NotFound, transaction } from "@jukebase/platform";
import { audit, lockAudit } from "@jukebase/platform/audit.ts";
import { erasedMark, type Keys } from "./keys.ts";
import type { Intake } from "./load.ts";
import { itemsThatTell, type Search, shredItems, shredUnknown, unknownThatTells } from "./shred.ts";
import { type Subject, subjectEvents, subjectText } from "./subject.ts";
import { recognise } from "./tells-of.ts";
import { type Stored, storedOf, storedValue } from "./vault.ts";

/** What is held of a person, in numbers. */
export type Holdings = {
  readonly subject: string;
  /** When it was erased before, if it was. */
  readonly erased_at: string | null;
  /** Personal values in the vault, by field. */
  readonly values: Readonly<Record<string, number>>;
  /** Events that tell of it; they stay, with tokens that lead nowhere. */
  readonly events: number;
  /** Log entries with sealed unknown fields that are its or hold a value of it. */
  readonly unknown_fields: number;
  /** Quarantined items that tell of it and can still be read: open ones will be expired. */
  readonly quarantine: { readonly open: number; readonly resolved: number };
};

/** What an erasure did, and where the audit log stood with it: kept elsewhere, it proves when the entry was there. */
export type Certificate = Holdings & {
  readonly erased_by: string;
  readonly why: string;
  readonly at: string;
  readonly audit: { readonly seq: number; readonly head: string };
};

type Context = Pick<Intake, "database" | "contracts" | "keys" | "clock">;

/** What an erasure would find. Throws `NotFound` when nothing is known of the subject. */
export async function holdingsOf({ database, contracts, keys }: Context, subject: Subject): Promise<Holdings> {
  return transaction(
    database.pg,
    async (db) => {
      const stored = await storedOf(db, subjectText(subject));
      const { holdings } = await look({ db, keys, contracts }, subject, stored, await plainOf(db, keys, stored), false);
      return holdings;
    },
    "repeatable read",
  );
}

/**
 * Erases a person in one transaction: its values and its key, unknown fields and quarantined items that tell of it. From then on its
 * events are taken in as before, and their personal values dropped. The log's entries stay, so no number changes. Audited.
 */
export async function eraseSubject(
  context: Context,
  subject: Subject,
  { actor, why }: { readonly actor: string; readonly why: string },
): Promise<Certificate> {
  if (why.trim() === "") throw new Invalid('Say why this subject is erased: --why "…".');
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction(context.database.pg, (db) => erase(db, context, subject, { actor, why }));
    } catch (error) {
      // A replay that took the same items and the same subject in the other order: one of the two goes again.
      if ((error as { code?: unknown }).code !== "40P01" || attempt === attempts_max) throw error;
    }
  }
}

const attempts_max = 5;

// The order of locks: the audit log, the subject (whoever seals a value of it is waited for, and sees afterwards that it is gone), items.
async function erase(
  db: Executor,
  { contracts, keys, clock }: Context,
  subject: Subject,
  { actor, why }: { readonly actor: string; readonly why: string },
): Promise<Certificate> {
  const name = subjectText(subject);
  const at = clock.now();
  await lockAudit(db);
  await db.query("insert into vault.subject (subject, wrapped, generation) values ($1, '', 0) on conflict (subject) do nothing", [
    name,
  ]);
  await db.query("select subject from vault.subject where subject = $1 for update", [name]);
  const stored = await storedOf(db, name);
  const plain = await plainOf(db, keys, stored);
  const { holdings, items, unknown } = await look({ db, keys, contracts }, subject, stored, plain, true);
  await db.query("delete from vault.subject where subject = $1", [name]);
  await db.query("delete from vault.value where subject = $1", [name]);
  await db.query(
    "insert into vault.erased (mark, erased_at) values ($1, $2) on conflict (mark) do update set erased_at = excluded.erased_at",
    [erasedMark(keys, name), at.toISOString()],
  );
  await shredUnknown(db, unknown);
  await shredItems(db, items, "Its subject was erased.", at);
  const { subject: _, erased_at: __, ...counts } = holdings;
  await audit(db, { actor, action: "privacy.erase", object: name, why, before: counts }, at);
  return { ...holdings, erased_by: actor, why, at: at.toISOString(), audit: await headOf(db) };
}

type Found = { holdings: Holdings; items: Awaited<ReturnType<typeof itemsThatTell>>; unknown: readonly string[] };

async function look(
  search: Search,
  subject: Subject,
  stored: readonly Stored[],
  plain: readonly string[],
  lock: boolean,
): Promise<Found> {
  const { db, keys, contracts } = search;
  const name = subjectText(subject);
  const [known] = await db.query<{ erased_at: string }>("select erased_at from vault.erased where mark = $1", [
    erasedMark(keys, name),
  ]);
  const recognition = recognise(contracts, subject, plain);
  const events = await subjectEvents(db, contracts, subject);
  const unknown = await unknownThatTells(search, subject, recognition);
  const items = await itemsThatTell(search, recognition, lock);
  if (!known && stored.length + events.length + items.length === 0) {
    throw new NotFound(`Nothing is known of ${name}. The namespace is that of the source, see \`jukebase events list\`.`);
  }
  const fields = Map.groupBy(stored, ({ field }) => field);
  const open = items.filter(({ status }) => status === "open").length;
  const holdings = {
    subject: name,
    erased_at: known?.erased_at ?? null,
    values: Object.fromEntries([...fields].map(([field, values]) => [field, values.length])),
    events: events.length,
    unknown_fields: unknown.length,
    quarantine: { open, resolved: items.length - open },
  };
  return { holdings, items, unknown };
}

async function plainOf(db: Executor, keys: Keys, stored: readonly Stored[]): Promise<string[]> {
  const plain: string[] = [];
  for (const row of stored) plain.push((await storedValue(db, keys, row)) ?? "");
  return plain;
}

async function headOf(db: Executor): Promise<Certificate["audit"]> {
  const [row] = await db.query<{ seq: number; head: string }>(
    "select seq, encode(hash, 'hex') as head from platform.audit order by seq desc limit 1",
  );
  if (row === undefined) throw new Conflict("The audit log is empty though an entry was just written.");
  return row;
}
