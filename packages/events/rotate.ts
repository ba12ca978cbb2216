import { type Database, type Executor, pgExecutor, transaction } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import { addGeneration, generationKey, lockRing } from "./key-ring.ts";
import type { Intake } from "./load.ts";
import { seal, unseal } from "./sealing.ts";
import { subjectKeys, unwrapped, type Wrapped, wrap } from "./subject-keys.ts";

/** What a rotation did; `generations` are those that are left in the ring, one when all went well. */
export type Rotated = {
  readonly generation: number;
  readonly resumed: boolean;
  readonly subjects: number;
  readonly values: number;
  readonly generations: number;
};

type Context = Pick<Intake, "database" | "keys" | "clock">;

const chunk = 1000;
const rounds_max = 10;

/**
 * Makes a new generation of the key that seals subjects' keys, seals each of them anew, batch by batch, and takes the older generations
 * out of the ring. Values that were sealed before subjects had keys get theirs. Intake goes on meanwhile; a rotation that was cut short
 * is taken up where it stopped. Audited at its beginning and its end.
 */
export async function rotateKeys(
  context: Context,
  actor: string,
  onProgress: (done: { readonly subjects: number; readonly values: number }) => void = () => {},
): Promise<Rotated> {
  const { database, keys, clock } = context;
  const { generation, resumed } = await beginRotation(context, actor);
  await generationKey(pgExecutor(database.pg), keys, generation);
  const done = { subjects: 0, values: 0 };
  const tell = (): void => onProgress({ ...done });
  for (let n = await sealAnew(context); n > 0; n = await sealAnew(context)) {
    done.values += n;
    tell();
  }
  let generations = 2;
  for (let round = 1; generations > 1 && round <= rounds_max; round += 1) {
    for (let n = await rewrapSubjects(context, generation); n > 0; n = await rewrapSubjects(context, generation)) {
      done.subjects += n;
      tell();
    }
    generations = await retire(database, generation);
  }
  const rotated = { generation, resumed, ...done, generations };
  await transaction(database.pg, (db) =>
    audit(db, { actor, action: "privacy.rotate", object: `generation ${generation}`, after: rotated }, clock.now()),
  );
  return rotated;
}

// A rotation is unfinished while an older generation is in the ring.
function beginRotation({ database, keys, clock }: Context, actor: string): Promise<{ generation: number; resumed: boolean }> {
  return transaction(database.pg, async (db) => {
    await lockRing(db);
    const [ring] = await db.query<{ newest: number; generations: number }>(
      "select max(generation)::int as newest, count(*)::int as generations from vault.secret where name = 'kek'",
    );
    if (ring !== undefined && ring.generations > 1) return { generation: ring.newest, resumed: true };
    const generation = await addGeneration(db, keys);
    const deed = { actor, action: "privacy.rotate", object: `generation ${generation}`, after: { begun: true } };
    await audit(db, deed, clock.now());
    return { generation, resumed: false };
  });
}

// The values of before subjects had keys. One that an erasure takes away meanwhile is not found again by the update.
function sealAnew({ database, keys }: Context): Promise<number> {
  return transaction(database.pg, async (db) => {
    const old = await db.query<{ token: string; subject: string; ciphertext: Buffer }>(
      `select token, subject, ciphertext
       from vault.value
       where key_id = 1
       order by token
       limit ${chunk}`,
    );
    const subjects = await subjectKeys(
      db,
      keys,
      old.map(({ subject }) => subject),
    );
    const rows = old.flatMap(({ token, subject, ciphertext }) => {
      const key = subjects.get(subject);
      return key ? [{ token, ciphertext: seal(key, unseal(keys.vault, ciphertext), token).toString("base64") }] : [];
    });
    if (rows.length === 0) return 0;
    await db.query(
      `update vault.value
       set ciphertext = decode(row.ciphertext, 'base64'), key_id = 2
       from jsonb_to_recordset($1::jsonb) as row(token text, ciphertext text)
       where value.token = row.token
         and value.key_id = 1`,
      [JSON.stringify(rows)],
    );
    return rows.length;
  });
}

function rewrapSubjects({ database, keys }: Context, generation: number): Promise<number> {
  return transaction(database.pg, async (db) => {
    const old = await db.query<Wrapped & Record<string, unknown>>(
      `select subject, wrapped, generation::int as generation
       from vault.subject
       where generation < $1
       order by subject
       limit ${chunk}
       for no key update skip locked`,
      [generation],
    );
    const key = await generationKey(db, keys, generation);
    if (old.length === 0 || key === undefined) return 0;
    const rows: { subject: string; wrapped: string }[] = [];
    for (const one of old)
      rows.push({ subject: one.subject, wrapped: wrap(key, one.subject, await unwrapped(db, keys, one)).toString("base64") });
    await db.query(
      `update vault.subject
       set wrapped = decode(row.wrapped, 'base64'), generation = $2
       from jsonb_to_recordset($1::jsonb) as row(subject text, wrapped text)
       where subject.subject = row.subject`,
      [JSON.stringify(rows), generation],
    );
    return rows.length;
  });
}

// Batches that still seal with an older generation hold its row: they are waited for, and what they made is seen by the next statement.
function retire(database: Database, generation: number): Promise<number> {
  return transaction(database.pg, async (db: Executor) => {
    await lockRing(db);
    await db.query("select generation from vault.secret where name = 'kek' and generation < $1 order by generation for update", [
      generation,
    ]);
    await db.query(
      `delete from vault.secret
       where name = 'kek'
         and generation < $1
         and not exists (select from vault.subject where subject.generation = secret.generation)`,
      [generation],
    );
    const [left] = await db.query<{ n: number }>("select count(*)::int as n from vault.secret where name = 'kek'");
    return left?.n ?? 0;
  });
}
