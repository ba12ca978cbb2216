import type { Jukebase } from "@jukebase/domains/open.ts";
import {
  type DefaultPartition,
  defaultPartition,
  type Expiring,
  expiringSoon,
  type ProjectionBalance,
  projectionBalance,
  type SourceBalance,
  sourceBalances,
  type WaitingCount,
  waitingCounts,
} from "@jukebase/events";
import { type FailingTests, failingTests, type MartStatus, martStatus } from "@jukebase/marts";
import { type Executor, pgExecutor } from "@jukebase/platform";
import { jobSchema, sourceOfDeadLetters } from "@jukebase/platform/jobs.ts";

/** Something worth a person's attention, and the command that deals with it. */
export type Finding = { readonly what: string; readonly next: string };

/** How many jobs of a queue are in a state that no retry will end. */
export type StuckJobs = { readonly queue: string; readonly state: "failed" | "dead"; readonly jobs: number };

/** How an installation stands. */
export type Examination = {
  readonly postgres: string;
  readonly sources: readonly SourceBalance[];
  readonly projections: readonly ProjectionBalance[];
  readonly marts: readonly Pick<MartStatus, "name" | "stale" | "waiting" | "error">[];
  /** Of the tests of marts, those that did not pass when they were last run. */
  readonly tests: FailingTests;
  readonly waiting: readonly WaitingCount[];
  readonly jobs: readonly StuckJobs[];
  readonly findings: readonly Finding[];
};

/** Counts everything once and says what is to be done. */
export async function examine(jukebase: Jukebase): Promise<Examination> {
  const { database, domains, clock } = jukebase;
  const db = pgExecutor(database.pg);
  const [server] = await db.query<{ postgres: string }>("select current_setting('server_version') as postgres");
  const sources = await sourceBalances(db);
  const projections: ProjectionBalance[] = [];
  for (const projection of domains.flatMap((domain) => domain.projections))
    projections.push(await projectionBalance(db, projection));
  const marts = (await martStatus(db)).map(({ name, stale, waiting, error }) => ({ name, stale, waiting, error }));
  const tests = await failingTests(db);
  const jobs = await stuckJobs(db);
  const waiting = await waitingCounts(db, clock.now());
  const awaited = await awaitedParents(db);
  const findings = [
    ...sources.flatMap(ofSource),
    ...(await expiringSoon(db, jukebase)).map(ofExpiring),
    ...projections.flatMap((balance) => ofProjection(balance, awaited)),
    ...waiting.flatMap(ofOrphans),
    ...ofMarts(marts),
    ...ofTests(tests),
    ...jobs.map(ofJobs),
    ...ofDefaultPartition(await defaultPartition(db)),
  ];
  return { postgres: server?.postgres ?? "unknown", sources, projections, marts, tests, waiting, jobs, findings };
}

function ofSource({ source, lost, in_quarantine, expired }: SourceBalance): Finding[] {
  return [
    ...when(
      lost !== 0,
      `Of source ${source}, ${lost} events cannot be accounted for.`,
      "Stop loading, keep the database as it is, restore from a backup made before: see infra/runbook.md",
    ),
    ...when(
      in_quarantine > 0,
      `Of source ${source}, ${in_quarantine} events are in quarantine.`,
      `jukebase quarantine list --source ${source}`,
    ),
    ...when(
      expired > 0,
      `Of source ${source}, ${expired} quarantined events expired before anybody mended them.`,
      `jukebase quarantine list --source ${source} --status expired`,
    ),
  ];
}

function ofProjection(
  { projection, lost, waiting, parked, behind_batches }: ProjectionBalance,
  awaited: readonly Awaited[],
): Finding[] {
  const parents = awaited.filter((parent) => parent.projection === projection).map(({ kind, id }) => `${kind} ${id}`);
  return [
    ...when(
      lost !== 0,
      `In projection ${projection}, ${lost} events cannot be accounted for.`,
      "Keep the database as it is and report what `jukebase doctor --json` says.",
    ),
    ...when(
      waiting > 0,
      `In projection ${projection}, ${waiting} events wait for a parent.`,
      `Load the events that register ${parents.join(", ")}${parents.length === awaited_max ? " …" : ""}`,
    ),
    ...when(
      parked > 0,
      `In projection ${projection}, ${parked} events are parked: applying them failed.`,
      "jukebase events parked says why; once that is mended: jukebase events parked --retry",
    ),
    ...when(
      behind_batches > 0,
      `Projection ${projection} is ${behind_batches} batches behind the log.`,
      "jukebase serve (its worker catches up), or any jukebase ingest",
    ),
  ];
}

function ofExpiring({ type, reason, items, expires_on }: Expiring): Finding {
  return {
    what: `${items} quarantined events of ${type ?? "no type"} (${reason}) expire soon, the first on ${expires_on}: nobody can read them then.`,
    next: `Mend and replay, or discard them: jukebase quarantine list --reason ${reason}`,
  };
}

function ofOrphans({ kind, orphans, limit_days }: WaitingCount): Finding[] {
  return when(
    orphans > 0,
    `${orphans} events have waited ${limit_days} days or longer for a ${kind}: they are orphans.`,
    `jukebase waiting list --kind ${kind} --orphans`,
  );
}

type Awaited = { readonly projection: string; readonly kind: string; readonly id: string };

const awaited_max = 5;

// The parents for which most events wait, some for each projection.
function awaitedParents(db: Executor): Promise<Awaited[]> {
  return db.query<Awaited>(
    `with parent as (
       select projection, needs_kind as kind, needs_id as id,
         row_number() over (partition by projection order by count(*) desc, needs_kind, needs_id) as place
       from events.waiting
       where generation = 1
       group by projection, needs_kind, needs_id
     )
     select projection, kind, id
     from parent
     where place <= $1
     order by projection, place`,
    [awaited_max],
  );
}

function ofMarts(marts: Examination["marts"]): Finding[] {
  const failed = marts.filter(({ error }) => error !== null);
  const stale = marts.filter((mart) => mart.stale && mart.error === null).map(({ name }) => name);
  return [
    ...failed.map(({ name, error }) => ({
      what: `The mart ${name} could not be refreshed: ${error}`,
      next: `jukebase marts refresh --select ${name}`,
    })),
    ...when(stale.length > 0, `Stale marts: ${stale.join(", ")}.`, "jukebase marts refresh"),
  ];
}

function ofTests({ failing, since }: FailingTests): Finding[] {
  return when(
    failing > 0,
    `${failing} ${failing === 1 ? "test" : "tests"} of marts failed when last run, the first since ${since}.`,
    "jukebase marts test, which shows failing rows; the console keeps them: /marts/tests?state=fail",
  );
}

function ofJobs({ queue, state, jobs }: StuckJobs): Finding {
  const what =
    state === "dead"
      ? `In queue ${queue}, ${jobs} jobs failed too often and lie dead.`
      : `In queue ${queue}, ${jobs} jobs failed.`;
  return { what, next: "See the jobs page of the console (jukebase serve) for why; they can be tried again there." };
}

function ofDefaultPartition({ rows, months }: DefaultPartition): Finding[] {
  return when(
    rows > 0,
    `In the log's default partition stand ${rows} events, of ${months.join(", ")}: their partitions were not made in time.`,
    "jukebase db migrate makes them and moves the events in, as the worker does each day",
  );
}

async function stuckJobs(db: Executor): Promise<StuckJobs[]> {
  const [known] = await db.query<{ known: boolean }>("select to_regclass($1) is not null as known", [`${jobSchema}.job`]);
  if (!known?.known) return [];
  const rows = await db.query<StuckJobs>(
    `select name as queue, case when state = 'failed' then 'failed' else 'dead' end as state, count(*)::int as jobs
     from ${jobSchema}.job
     where state = 'failed' or (name like '%.dead' and state < 'active')
     group by 1, 2
     order by 1, 2`,
  );
  return rows.map((row) => ({ ...row, queue: sourceOfDeadLetters(row.queue) ?? row.queue }));
}

function when(condition: boolean, what: string, next: string): Finding[] {
  return condition ? [{ what, next }] : [];
}
