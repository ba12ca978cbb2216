import type { Executor } from "./executor.ts";

/** Something that was done, for the audit log. `before`, `after` and `object` hold ids and tokens, never personal values. */
export type Deed = {
  /** Who: `cli:<system user>`, `console:<e-mail of the account>`, `key:<api key id>`, `job:<queue>`. */
  readonly actor: string;
  /** What, as `<thing>.<verb>`: `quarantine.replay`, `privacy.erase`, `key.revoke`. */
  readonly action: string;
  /** To what: an id, or several in words. */
  readonly object: string;
  readonly why?: string | undefined;
  readonly before?: object | undefined;
  readonly after?: object | undefined;
  readonly requestId?: string | undefined;
};

/** One row of the audit log; `hash` in hex. */
export type AuditEntry = {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly why: string | null;
  readonly before: object | null;
  readonly after: object | null;
  readonly request_id: string | null;
  readonly hash: string;
};

/**
 * Writes down what is done, in the transaction that does it: both happen or neither. Takes a lock that is held to the commit, so that
 * the chain has one order; a transaction that also closes a batch of events writes this first.
 */
export async function audit(db: Executor, deed: Deed, at: Date): Promise<void> {
  await lockAudit(db);
  await db.query(
    `with last as (
       select seq, hash
       from platform.audit
       order by seq desc
       limit 1
     ),
     entry as (
       select
         coalesce((select seq from last), 0) + 1 as seq, $1::timestamptz as at, $2::text as actor, $3::text as action, $4::text as object,
         $5::text as why, $6::jsonb as before, $7::jsonb as after, $8::text as request_id,
         coalesce((select hash from last), ''::bytea) as previous
     )
     insert into platform.audit (seq, at, actor, action, object, why, before, after, request_id, previous, hash)
     select
       seq, at, actor, action, object, why, before, after, request_id, previous,
       platform.audit_hash(row(seq, at, actor, action, object, why, before, after, request_id, previous, ''::bytea)::platform.audit)
     from entry`,
    [
      at.toISOString(),
      deed.actor,
      deed.action,
      deed.object,
      deed.why ?? null,
      json(deed.before),
      json(deed.after),
      deed.requestId ?? null,
    ],
  );
}

/** Takes the audit log's lock before any other, for a transaction that learns only at its end what it did. */
export async function lockAudit(db: Executor): Promise<void> {
  await db.query("select pg_advisory_xact_lock(hashtextextended('platform.audit', 0))");
}

/** The newest entries first; `object` narrows to one thing, `before` pages on. */
export function auditTrail(
  db: Executor,
  filter: {
    readonly object?: string | undefined;
    readonly action?: string | undefined;
    readonly before?: number | undefined;
  } = {},
  limit = 100,
): Promise<AuditEntry[]> {
  return db.query<AuditEntry>(
    `select seq, at, actor, action, object, why, before, after, request_id, encode(hash, 'hex') as hash
     from platform.audit
     where ($1::text is null or object = $1)
       and ($2::text is null or action = $2)
       and ($3::bigint is null or seq < $3)
     order by seq desc
     limit $4`,
    [filter.object ?? null, filter.action ?? null, filter.before ?? null, limit],
  );
}

/** What a look through the whole chain found. `head` is its last hash: kept elsewhere, it tells later whether the end was cut off. */
export type AuditProof = {
  readonly entries: number;
  readonly head: string;
  readonly broken: readonly { readonly seq: number; readonly what: string }[];
};

/** Computes every seal anew: a row changed, missing, put in or moved is told with its number (the first hundred). */
export async function verifyAudit(db: Executor): Promise<AuditProof> {
  const broken = await db.query<{ seq: number; what: string }>(
    `with chained as (
       select
         audit.*, platform.audit_hash(audit) as sealed, lag(seq, 1, 0::bigint) over (order by seq) as seq_before,
         lag(hash, 1, ''::bytea) over (order by seq) as hash_before
       from platform.audit
     )
     select
       seq,
       case
         when seq <> seq_before + 1 then 'entries before this one are missing'
         when previous <> hash_before then 'does not follow the entry before it'
         else 'was changed after it was written'
       end as what
     from chained
     where seq <> seq_before + 1 or previous <> hash_before or hash <> sealed
     order by seq
     limit 100`,
  );
  const [last] = await db.query<{ entries: number; head: string | null }>(
    `select count(*) as entries, (select encode(hash, 'hex') from platform.audit order by seq desc limit 1) as head
     from platform.audit`,
  );
  return { entries: last?.entries ?? 0, head: last?.head ?? "", broken };
}

/** The hash of one entry, in hex; undefined when it is not there. A head that was kept elsewhere is compared with it. */
export async function auditHashAt(db: Executor, seq: number): Promise<string | undefined> {
  const [row] = await db.query<{ hash: string }>("select encode(hash, 'hex') as hash from platform.audit where seq = $1", [seq]);
  return row?.hash;
}

/** Number and hash of the newest entry, `SEQ:HASH`, as `auditHashAt` is asked later; empty where there is none. */
export async function auditHead(db: Executor): Promise<string> {
  const [row] = await db.query<{ head: string }>(
    "select seq || ':' || encode(hash, 'hex') as head from platform.audit order by seq desc limit 1",
  );
  return row?.head ?? "";
}

function json(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
