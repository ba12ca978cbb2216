import { rm } from "node:fs/promises";
import { Conflict, type Executor, Invalid, type Projection, pgExecutor, transaction } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import { append } from "../append.ts";
import { judge } from "../judge.ts";
import type { Intake } from "../load.ts";
import type { ProjectionContext } from "../projection/run.ts";
import { declareSource } from "../source.ts";
import { attachedFor, type OnAttach } from "./attach.ts";
import { type Archive, archives } from "./list.ts";
import { aloneWithArchives } from "./lock.ts";
import { makeOpening, type OpeningSums, putOpening } from "./opening.ts";
import { requirePastMonth } from "./policy.ts";
import { recallChains } from "./recall.ts";

/** What a purge needs: the folder of the files, and every projection, whose opening states are made. */
export type PurgeContext = Intake & ProjectionContext & { readonly archive: string; readonly projections: readonly Projection[] };

/** What may be said of a purge. */
export type PurgeOptions = OnAttach & {
  readonly before: string;
  readonly why: string;
  readonly actor: string;
  /** Only say what would be purged. */
  readonly dryRun?: boolean;
};

/** What a purge did (or would do): `through` is the position from which a rebuild starts now. */
export type Purged = {
  readonly partitions: readonly string[];
  readonly rows: number;
  readonly bytes: number;
  readonly through: number;
  readonly event_id: string;
  readonly kept: number;
};

/**
 * Deletes the archives of the months before `before` for good. First what they say is projected into an opening state; then the
 * decision is logged as an event, in one transaction with all that follows from it; then the files go. Events of purged archives
 * that changes still speak of stay in the log. Throws `Conflict` when there is nothing to purge.
 */
export async function purgeArchives(context: PurgeContext, options: PurgeOptions): Promise<Purged> {
  const why = options.why.trim();
  if (why === "") throw new Invalid("Say why these archives are purged: --why. It stays with the decision.");
  const before = requirePastMonth(options.before, context.clock.now());
  return aloneWithArchives(context.database, async () => {
    const all = await archives(pgExecutor(context.database.pg));
    const purging = all.filter(({ partition, purged_at }) => purged_at === null && partition < `log_${before.replace("-", "_")}`);
    if (purging.length === 0)
      throw new Conflict(`No archive holds a month before ${before} that is not purged yet: jukebase archive list shows them.`);
    const planned = plan(purging, all);
    if (options.dryRun) return planned;
    const opening = await attachedFor(context, () => makeOpening(context, context.projections, planned.through), options);
    const kept = await decide(context, { ...options, why }, planned, purging, opening);
    for (const { file } of purging) await rm(`${context.archive}/${file}`, { force: true });
    return { ...planned, kept };
  });
}

function plan(purging: readonly Archive[], all: readonly Archive[]): Purged {
  const earlier = all.filter(({ purged_at }) => purged_at !== null).map(({ last_seq }) => last_seq);
  const through = Math.max(...purging.map(({ last_seq }) => last_seq), ...earlier);
  return {
    partitions: purging.map(({ partition }) => partition),
    rows: purging.reduce((sum, { rows }) => sum + rows, 0),
    bytes: purging.reduce((sum, { bytes }) => sum + bytes, 0),
    through,
    event_id: `archive-purged:${purging.at(-1)?.partition}:${through}`,
    kept: 0,
  };
}

function decide(
  context: PurgeContext,
  { why, actor }: PurgeOptions,
  planned: Purged,
  purging: readonly Archive[],
  opening: OpeningSums,
): Promise<number> {
  const at = context.clock.now();
  return transaction(context.database.pg, async (db) => {
    const { partitions, rows, through } = planned;
    await audit(db, { actor, action: "archive.purge", object: partitions.join(", "), why, after: { through, rows } }, at);
    const kept = await keepWhatIsSpokenOf(db, context, partitions);
    await putOpening(db, context.projections);
    await db.query("update events.archive set purged_at = $2 where partition = any($1::text[])", [partitions, at.toISOString()]);
    await db.query("delete from events.archive_frame where partition = any($1::text[])", [partitions]);
    const event_key = await publish(db, context, planned, { why, at, purging, opening });
    await db.query(
      `insert into events.purge (seq, event_key, partitions, why, tables, purged_at)
       values ($1::bigint, $2::uuid, $3::text[], $4, $5::jsonb, $6::timestamptz)
       on conflict (seq) do update set
         event_key = excluded.event_key, partitions = purge.partitions || excluded.partitions, why = excluded.why, tables = excluded.tables,
         purged_at = excluded.purged_at`,
      [through, event_key, partitions, why, JSON.stringify(opening), at.toISOString()],
    );
    return kept;
  });
}

// A change and what it changes must both be there when a rebuild reads the one that is left; so must what waits or is parked.
async function keepWhatIsSpokenOf(db: Executor, context: PurgeContext, partitions: readonly string[]): Promise<number> {
  await recallChains(
    db,
    { archive: context.archive, at: context.clock.now() },
    `with purging as (
       select from_log_id, to_log_id
       from events.archive
       where partition = any($1::text[])
     ),
     link as (
       select
         change.target_key,
         exists (select from purging where target.log_id >= from_log_id and target.log_id < to_log_id) as target_goes,
         exists (select from purging where changing.log_id >= from_log_id and changing.log_id < to_log_id) as change_goes
       from events.change
       join events.key as changing on changing.event_key = change.change_key
       left join events.key as target on target.event_key = change.target_key
     )
     select target_key
     from link
     where target_goes <> change_goes
     union
     select event_key
     from events.waiting
     join purging on log_id >= from_log_id and log_id < to_log_id
     where generation = 1
     union
     select event_key
     from events.parked
     join purging on log_id >= from_log_id and log_id < to_log_id
     where generation = 1`,
    [partitions],
  );
  const [row] = await db.query<{ kept: number }>(
    "select count(*) as kept from events.recalled where partition = any($1::text[])",
    [partitions],
  );
  return row?.kept ?? 0;
}

type Decision = { readonly why: string; readonly at: Date; readonly purging: readonly Archive[]; readonly opening: OpeningSums };

async function publish(
  db: Executor,
  context: PurgeContext,
  { event_id, partitions, rows, through }: Purged,
  { why, at, purging, opening }: Decision,
): Promise<string> {
  const source = await declareSource(db, "jukebase");
  const envelope = {
    type: "Log.ArchivePurged",
    id: event_id,
    data: {
      Through: through,
      Partitions: partitions.join(", "),
      Events: rows,
      Files: JSON.stringify(purging.map(({ file, sha256 }) => ({ file, sha256 }))),
      Opening: JSON.stringify(opening),
      Why: why,
      OccurredAt: at.toISOString(),
    },
  };
  const bench = { contracts: context.contracts, source, keys: context.keys, receivedAt: at };
  const judged = judge({ line: 1, end: 0, bytes: Buffer.from(JSON.stringify(envelope)), outcome: { ok: true, envelope } }, bench);
  const [verdict] = await append(db, [judged], { source, keys: context.keys, receivedAt: at });
  if (verdict?.outcome !== "accepted")
    throw new Error(`The decision ${event_id} could not be logged: ${JSON.stringify(verdict)}`);
  return verdict.key;
}
