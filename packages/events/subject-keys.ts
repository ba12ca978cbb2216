import { randomBytes } from "node:crypto";
import { Conflict, type Executor } from "@jukebase/platform";
import { generationKey } from "./key-ring.ts";
import { erasedMark, type Keys } from "./keys.ts";
import { seal, unseal } from "./sealing.ts";

/** A subject's key as it is stored. */
export type Wrapped = { readonly subject: string; readonly wrapped: Buffer; readonly generation: number };

/**
 * Each subject's key, made where there was none: one statement, and batches that run at the same time agree. Erased subjects get none.
 * Whoever goes on to seal values must look whether the subject is still there: see `keep`.
 */
export async function subjectKeys(db: Executor, keys: Keys, subjects: Iterable<string>): Promise<Map<string, Buffer>> {
  const wanted = [...new Set(subjects)];
  let found = await getOrMake(db, keys, wanted);
  const newest = found[0]?.newest ?? 0;
  // A newer generation is taken up as soon as it is seen, so that the older ones come out of use.
  if (newest > newestOf(keys) && (await generationKey(db, keys, newest)) && found.some(({ wrapped }) => wrapped === null))
    found = await getOrMake(db, keys, wanted);
  const plain = new Map<string, Buffer>();
  for (const { subject, wrapped, generation, erased } of found) {
    if (erased) continue;
    if (wrapped === null || generation === null) throw outOfDate();
    plain.set(subject, await unwrapped(db, keys, { subject, wrapped, generation }));
  }
  return plain;
}

/** A subject's key, plain. Throws `Conflict` when it is sealed under a generation that this process cannot open. */
export async function unwrapped(db: Executor, keys: Keys, { subject, wrapped, generation }: Wrapped): Promise<Buffer> {
  const key = await generationKey(db, keys, generation);
  if (key) return unseal(key, wrapped, subject);
  throw outOfDate();
}

/** A subject's key, sealed under a generation. */
export function wrap(generationKey: Buffer, subject: string, key: Buffer): Buffer {
  return seal(generationKey, key, subject);
}

/** The newest generation that these keys hold. */
function newestOf({ generations }: Pick<Keys, "generations">): number {
  return Math.max(...generations.keys());
}

function outOfDate(): Conflict {
  return new Conflict(
    "The keys of the vault were renewed under a master key that this process was not started with: start it again with the new one.",
  );
}

type Found = { subject: string; wrapped: Buffer | null; generation: number | null; erased: boolean; newest: number };

// The row of the ring is locked, so that a generation is not taken out while a batch still seals with it. `on conflict do update`
// waits for a batch that makes the same subject's key, and gives that one.
function getOrMake(db: Executor, keys: Keys, subjects: readonly string[]): Promise<Found[]> {
  const generation = newestOf(keys);
  const key = keys.generations.get(generation) as Buffer;
  const rows = subjects.map((subject) => ({
    subject,
    mark: erasedMark(keys, subject).toString("base64"),
    wrapped: wrap(key, subject, randomBytes(32)).toString("base64"),
  }));
  return db.query<Found>(
    `with wanted as materialized (
       select subject, decode(mark, 'base64') as mark, decode(wrapped, 'base64') as wrapped
       from jsonb_to_recordset($1::jsonb) as row(subject text, mark text, wrapped text)
     ),
     ring as materialized (
       select generation
       from vault.secret
       where name = 'kek' and generation = $2
       for key share
     ),
     known as materialized (
       select subject.subject, subject.wrapped, subject.generation
       from wanted
       join vault.subject on subject.subject = wanted.subject
     ),
     made as (
       insert into vault.subject as subject (subject, wrapped, generation)
       select wanted.subject, wanted.wrapped, ring.generation
       from wanted
       cross join ring
       where not exists (select from known where known.subject = wanted.subject)
         and not exists (select from vault.erased where erased.mark = wanted.mark)
       order by wanted.subject
       on conflict (subject) do update set subject = excluded.subject
       returning subject.subject, subject.wrapped, subject.generation
     ),
     found as (
       select subject, wrapped, generation from known
       union all
       select subject, wrapped, generation from made
     )
     select
       wanted.subject, found.wrapped, found.generation::int as generation,
       found.wrapped is null and exists (select from vault.erased where erased.mark = wanted.mark) as erased,
       (select max(generation)::int from vault.secret where name = 'kek') as newest
     from wanted
     left join found on found.subject = wanted.subject`,
    [JSON.stringify(rows), generation],
  );
}
