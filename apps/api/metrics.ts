import type { Jukebase } from "@jukebase/domains/open.ts";
import { expiringSoon, waitingCounts } from "@jukebase/events";
import { martStatus } from "@jukebase/marts";
import { type Executor, pgExecutor } from "@jukebase/platform";
import { queueCounts } from "@jukebase/platform/job-list.ts";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { refreshMetrics } from "./refresh-metrics.ts";

/** What is measured: requests as they end, everything else when it is asked for. */
export type Metrics = {
  /** Notes how long a request took, in seconds. */
  readonly took: (request: { readonly method: string; readonly route: string; readonly status: number }, seconds: number) => void;
  /** The figures in Prometheus' text format. */
  readonly render: () => Promise<string>;
  readonly contentType: string;
};

/** Makes the figures of one API process. What the database holds is read at each scrape, so every process tells the same. */
export function makeMetrics(jukebase: Jukebase): Metrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const requests = new Histogram({
    name: "jukebase_http_request_duration_seconds",
    help: "How long requests took.",
    labelNames: ["method", "route", "status"] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [register],
  });
  const up = new Gauge({
    name: "jukebase_database_up",
    help: "1 when the database answered this scrape.",
    registers: [register],
  });
  const readings = [
    intake(register),
    archive(register),
    projections(register),
    quarantine(register),
    expiry(register),
    waiting(register),
    jobs(register),
    marts(register),
    refreshMetrics(register),
  ];
  const read = async (): Promise<void> => {
    try {
      for (const reading of readings) await reading(jukebase);
      up.set(1);
    } catch {
      up.set(0); // That the database is away is a figure too; the others stand as they were read last.
    }
  };
  let reading: Promise<void> | undefined;
  return {
    took: tookBy(requests),
    contentType: register.contentType,
    render: async () => {
      reading ??= read().finally(() => {
        reading = undefined;
      });
      await reading;
      return register.metrics();
    },
  };
}

// Finding a series by its labels costs more than counting in it, so each is found once.
function tookBy(requests: Histogram<"method" | "route" | "status">): Metrics["took"] {
  const series = new Map<string, ReturnType<typeof requests.labels>>();
  return ({ method, route, status }, seconds) => {
    const name = `${method} ${status} ${route}`;
    const found = series.get(name) ?? requests.labels({ method, route, status });
    series.set(name, found);
    found.observe(seconds);
  };
}

type Reading = (jukebase: Jukebase) => Promise<void>;

type Batches = { source: string; batches: number; received: number; logged: number; duplicates: number; quarantined: number };

// Counted on from the last batch that was counted: seq order is commit order, so none is missed and none is counted twice.
function intake(register: Registry): Reading {
  const counter = (name: string, help: string): Counter<"source"> =>
    new Counter({ name: `jukebase_${name}_total`, help, labelNames: ["source"] as const, registers: [register] });
  const counters = {
    batches: counter("batches", "Commits of the intake."),
    received: counter("events_received", "Events received, before anything was judged."),
    logged: counter("events_logged", "Events that entered the log."),
    duplicates: counter("events_duplicates", "Events that were known already."),
    quarantined: counter("events_quarantined", "Events that broke a contract or a rule."),
  };
  const names = ["batches", "received", "logged", "duplicates", "quarantined"] as const;
  let seq = 0;
  return async ({ database }) => {
    const db = pgExecutor(database.pg);
    const [tip] = await db.query<{ seq: number }>("select coalesce(max(seq), 0) as seq from events.batch");
    const rows = await db.query<Batches>(
      `select
         source, count(*) as batches, sum(received)::bigint as received, sum(logged)::bigint as logged, sum(duplicates)::bigint as duplicates,
         sum(quarantined)::bigint as quarantined
       from events.batch
       where seq > $1::bigint
         and seq <= $2::bigint
       group by source`,
      [seq, tip?.seq ?? 0],
    );
    seq = tip?.seq ?? 0;
    for (const row of rows) for (const name of names) counters[name].inc({ source: row.source }, row[name]);
  };
}

function archive(register: Registry): Reading {
  const gauge = gauges(register, ["state"]);
  const events = gauge("jukebase_archive_events", "Events of the log that stand in archives, or stood in purged ones.");
  const bytes = gauge("jukebase_archive_bytes", "Bytes of the archives' files.");
  return async ({ database }) => {
    const rows = await pgExecutor(database.pg).query<{ state: string; events: number; bytes: number }>(
      `select
         state,
         coalesce(sum(rows), 0)::bigint as events,
         coalesce(sum(bytes), 0)::bigint as bytes
       from (values ('archived'), ('purged')) as known(state)
       left join events.archive on (purged_at is null) = (state = 'archived')
       group by state`,
    );
    for (const { state, ...row } of rows) {
      events.set({ state }, row.events);
      if (state === "archived") bytes.set({ state }, row.bytes);
    }
  };
}

function projections(register: Registry): Reading {
  const gauge = gauges(register, ["projection"]);
  const behind = gauge("jukebase_projection_behind_batches", "Batches of the log that the projection has not read.");
  const waiting = gauge("jukebase_projection_waiting_events", "Events whose parent has not arrived.");
  const parked = gauge("jukebase_projection_parked_events", "Events that the projection could not apply.");
  return async ({ database }) => {
    const rows = await pgExecutor(database.pg).query<{ projection: string; behind: number; waiting: number; parked: number }>(
      `select
         projection,
         (select count(*) from events.batch where batch.seq > checkpoint.seq) as behind,
         (select count(distinct log_id) from events.waiting where waiting.projection = checkpoint.projection and waiting.generation = 1) as waiting,
         (select count(*) from events.parked where parked.projection = checkpoint.projection and parked.generation = 1) as parked
       from events.checkpoint
       where generation = 1`,
    );
    for (const row of rows) {
      behind.set({ projection: row.projection }, row.behind);
      waiting.set({ projection: row.projection }, row.waiting);
      parked.set({ projection: row.projection }, row.parked);
    }
  };
}

function quarantine(register: Registry): Reading {
  const open = gauges(register, ["source"])(
    "jukebase_quarantine_open_items",
    "Items in quarantine that nobody has mended or discarded.",
  );
  return async ({ database }) => {
    const rows = await pgExecutor(database.pg).query<{ source: string; items: number }>(
      "select source, count(*) as items from events.quarantine where status = 'open' group by source",
    );
    open.reset();
    for (const { source, items } of rows) open.set({ source }, items);
  };
}

function expiry(register: Registry): Reading {
  const expiring = gauges(register, ["type", "reason"])(
    "jukebase_quarantine_expiring_items",
    "Quarantined items that nobody can read any more within two weeks.",
  );
  return async (jukebase) => {
    const rows = await expiringSoon(pgExecutor(jukebase.database.pg), jukebase);
    expiring.reset();
    for (const { type, reason, items } of rows) expiring.set({ type: type ?? "", reason }, items);
  };
}

function waiting(register: Registry): Reading {
  const gauge = gauges(register, ["kind"]);
  const events = gauge("jukebase_waiting_events", "Events whose parent of this kind has not arrived.");
  const orphans = gauge("jukebase_orphan_events", "Of these, events that have waited longer than the limit of the kind.");
  return async ({ database, clock }) => {
    const counts = await waitingCounts(pgExecutor(database.pg), clock.now());
    events.reset();
    orphans.reset();
    for (const kind of counts) {
      events.set({ kind: kind.kind }, kind.events);
      orphans.set({ kind: kind.kind }, kind.orphans);
    }
  };
}

function jobs(register: Registry): Reading {
  const counted = gauges(register, ["queue", "state"])(
    "jukebase_jobs",
    "Jobs by queue and state; dead are those that failed for good.",
  );
  return async (jukebase) => {
    const counts = await queueCounts(jukebase);
    counted.reset();
    for (const { queue, state, jobs: n } of counts) counted.set({ queue, state }, n);
  };
}

function marts(register: Registry): Reading {
  const gauge = gauges(register, ["mart"]);
  const stale = gauge(
    "jukebase_mart_stale",
    "1 when events have waited for the mart longer than it allows, or its refresh failed.",
  );
  const waiting = gauge(
    "jukebase_mart_waiting_seconds",
    "How long the oldest event that the mart does not hold has waited; 0 when it holds all.",
  );
  return async ({ database, clock }) => {
    const db: Executor = pgExecutor(database.pg);
    for (const mart of await martStatus(db)) {
      const since = mart.waiting_since === null ? undefined : Date.parse(mart.waiting_since);
      stale.set({ mart: mart.name }, mart.stale ? 1 : 0);
      waiting.set({ mart: mart.name }, since === undefined ? 0 : Math.max(0, (clock.now().getTime() - since) / 1000));
    }
  };
}

function gauges<Label extends string>(
  register: Registry,
  labelNames: readonly Label[],
): (name: string, help: string) => Gauge<Label> {
  return (name, help) => new Gauge({ name, help, labelNames: [...labelNames], registers: [register] });
}
