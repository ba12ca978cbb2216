import { createHmac, randomBytes } from "node:crypto";
import type { Executor } from "@jukebase/platform";
import { erasedMark, type Keys, keyOfDay } from "./keys.ts";
import { seal, unseal } from "./sealing.ts";
import { subjectKeys, unwrapped } from "./subject-keys.ts";

export { seal, unseal } from "./sealing.ts";

/** What stands in an event for a PII value: a function of whose it is and where it stands, never of the value. */
export function token(keys: Keys, subject: string, field: string, source: string, eventId: string): string {
  const text = [subject, field, source, eventId].join("\u0000");
  return `tok_${createHmac("sha256", keys.token).update(text).digest("base64url").slice(0, 27)}`;
}

/** The key of a day (`YYYY-MM-DD`), made when the day is first seen; undefined once its salt was deleted. */
export async function dayKey(db: Executor, keys: Keys, day: string, make: boolean): Promise<Buffer | undefined> {
  if (make) {
    await db.query("insert into vault.day_key (day, salt) values ($1, $2) on conflict (day) do nothing", [day, randomBytes(16)]);
  }
  const [row] = await db.query<{ salt: Buffer }>("select salt from vault.day_key where day = $1", [day]);
  return row && keyOfDay(keys, row.salt);
}

/** A PII value on its way into the vault. */
export type VaultValue = { readonly token: string; readonly subject: string; readonly field: string; readonly value: string };

/**
 * Keeps values under their tokens, each sealed with its subject's key; a token already kept is left as it is. Of subjects that were
 * erased nothing is kept: their values are counted and dropped.
 */
export async function keep(db: Executor, keys: Keys, values: readonly VaultValue[]): Promise<void> {
  if (values.length === 0) return;
  const subjects = await subjectKeys(
    db,
    keys,
    values.map(({ subject }) => subject),
  );
  const sealed = values.flatMap((row) => {
    const key = subjects.get(row.subject);
    if (key === undefined) return [];
    const ciphertext = seal(key, Buffer.from(row.value), row.token).toString("base64");
    return [{ token: row.token, subject: row.subject, field: row.field, ciphertext }];
  });
  const kept = sealed.length === 0 ? new Set() : await insertValues(db, keys, sealed, [...subjects.keys()]);
  const dropped = values.filter(({ subject }) => !kept.has(subject)).map(({ subject }) => subject);
  if (dropped.length > 0) await countDropped(db, keys, dropped);
}

/** The value behind a token, or undefined when it was never kept or its subject was erased. */
export async function reveal(db: Executor, keys: Keys, wanted: string): Promise<string | undefined> {
  const [row] = await db.query<Stored>(
    `select token, subject, value.field, ciphertext, key_id::int as key_id, subject.wrapped, subject.generation::int as generation
     from vault.value
     left join vault.subject using (subject)
     where token = $1`,
    [wanted],
  );
  return row && storedValue(db, keys, row);
}

/** A value as it is stored, with its subject's key. */
export type Stored = {
  token: string;
  subject: string;
  field: string;
  ciphertext: Buffer;
  key_id: number;
  wrapped: Buffer | null;
  generation: number | null;
};

/** What the vault holds of a subject. */
export function storedOf(db: Executor, subject: string): Promise<Stored[]> {
  return db.query<Stored>(
    `select token, subject, value.field, ciphertext, key_id::int as key_id, subject.wrapped, subject.generation::int as generation
     from vault.value
     left join vault.subject using (subject)
     where subject = $1
     order by value.field, token`,
    [subject],
  );
}

/** What a stored value says; undefined when its subject's key is gone. */
export async function storedValue(db: Executor, keys: Keys, row: Stored): Promise<string | undefined> {
  if (row.key_id === 1) return unseal(keys.vault, row.ciphertext).toString();
  if (row.wrapped === null || row.generation === null) return undefined;
  const key = await unwrapped(db, keys, { subject: row.subject, wrapped: row.wrapped, generation: row.generation });
  return unseal(key, row.ciphertext, row.token).toString();
}

type SealedValue = { readonly token: string; readonly subject: string; readonly field: string; readonly ciphertext: string };

// An erasure that ran in the meantime is seen here: its subject is gone, or is waited for. Those that stay cannot go until the commit.
async function insertValues(
  db: Executor,
  keys: Keys,
  values: readonly SealedValue[],
  subjects: readonly string[],
): Promise<Set<string>> {
  const marks = subjects.map((subject) => ({ subject, mark: erasedMark(keys, subject).toString("base64") }));
  const rows = await db.query<{ subject: string }>(
    `with standing as materialized (
       select subject
       from vault.subject
       where subject = any($2::text[])
       order by subject
       for key share
     ),
     allowed as materialized (
       select standing.subject
       from standing
       join jsonb_to_recordset($3::jsonb) as marked(subject text, mark text) on marked.subject = standing.subject
       where not exists (select from vault.erased where erased.mark = decode(marked.mark, 'base64'))
     ),
     inserted as (
       insert into vault.value (token, subject, field, ciphertext, key_id)
       select token, row.subject, field, decode(ciphertext, 'base64'), 2
       from jsonb_to_recordset($1::jsonb) as row(token text, subject text, field text, ciphertext text)
       join allowed on allowed.subject = row.subject
       on conflict (token) do nothing
     )
     select subject
     from allowed`,
    [JSON.stringify(values), subjects, JSON.stringify(marks)],
  );
  return new Set(rows.map(({ subject }) => subject));
}

async function countDropped(db: Executor, keys: Keys, subjects: readonly string[]): Promise<void> {
  await db.query("delete from vault.subject where subject = any($1::text[])", [subjects]); // Made while its erasure was committed.
  const counts = Map.groupBy(subjects, (subject) => erasedMark(keys, subject).toString("base64"));
  await db.query(
    `with came as (
       select decode(mark, 'base64') as mark, n
       from jsonb_to_recordset($1::jsonb) as row(mark text, n int)
     ),
     turn as materialized (
       select erased.mark
       from vault.erased
       join came on came.mark = erased.mark
       order by erased.mark
       for update of erased
     )
     update vault.erased
     set dropped = dropped + came.n
     from turn
     join came on came.mark = turn.mark
     where erased.mark = turn.mark`,
    [JSON.stringify([...counts].map(([mark, values]) => ({ mark, n: values.length })))],
  );
}
