import type { Jukebase } from "@jukebase/domains/open.ts";
import { Invalid, NotFound } from "@jukebase/platform";
import { deadLettersOf, ensureQueues, jobSchema, type QueueDefinition } from "@jukebase/platform/jobs.ts";
import { failureFields, type Log, makeLog } from "@jukebase/platform/log.ts";
import { type JobResult, type JobWithMetadata, PgBoss } from "pg-boss";
import { listen } from "./listen.ts";
import { archiveQueue, martsQueue, partitionsQueue, queuesOf, sweepQueue } from "./queues.ts";
import { wakeUps } from "./wake-up.ts";
import { forgetFailures, type Work, workOf } from "./work.ts";

/** A worker at work; `close` finishes or hands back what runs, within 10 s, and leaves the installation open. */
export type RunningWorker = { readonly close: () => Promise<void> };

/** What may be said to a worker; tests watch `onJob`, which hears of each attempt's end; `onLook` hears of each look at the log. */
export type WorkerOptions = {
  readonly log?: Log;
  readonly onJob?: (queue: string, outcome: JobResult["status"]) => void;
  readonly onLook?: () => void;
};

const stop_ms = 8_000;
const poll_ms = 1_000;
/** Between two looks: news that come in a burst are one. */
const gap_ms = 50;
/** While a job runs that may have looked too early: until its end is written down, no other can be sent. */
const running_ms = 200;

/** Starts a worker: makes the queues, works them off, and wakes them when the log grows (told by the database, and by looking each second). */
export async function startWorker(jukebase: Jukebase, options: WorkerOptions = {}): Promise<RunningWorker> {
  const log = options.log ?? makeLog(jukebase.config, "worker");
  const boss = bossOf(jukebase, log);
  await boss.start();
  const state = { closing: false };
  const wakeUp = wakeUps(jukebase, boss, log);
  const look = coalesced(async () => {
    if (state.closing) return;
    if (await wakeUp()) setTimeout(look.soon, running_ms).unref();
    options.onLook?.();
  }, log);
  try {
    const queues = queuesOf(jukebase);
    await ensureQueues(boss, queues);
    const works = workOf(jukebase);
    for (const queue of queues) {
      const attempt = attemptOf(jukebase, queue, works.get(queue.name) as Work, { log, look, interrupted: () => state.closing });
      const lanes = queue.name === martsQueue ? twoLanes : {};
      await boss.work(queue.name, { ...polling, ...lanes, perJobResults: true, includeMetadata: true }, async (jobs) => {
        const results = await Promise.all(jobs.map(attempt));
        for (const { status } of results) options.onJob?.(queue.name, status);
        return results;
      });
    }
    await boss.schedule(partitionsQueue, "5 0 * * *", null, { tz: "UTC" });
    await boss.schedule(archiveQueue, "35 2 * * *", null, { tz: "UTC" });
    await boss.schedule(sweepQueue, "17 * * * *", null, { tz: "UTC" });
  } catch (error) {
    await boss.stop({ graceful: false });
    throw error;
  }
  const listener = listen(jukebase.database.url, "jukebase_events", look.soon, (failure) =>
    log.warn(failureFields(failure), "The worker lost its ear on the log; it looks each second until it has it back."),
  );
  const poll = setInterval(look.soon, poll_ms);
  return {
    close: async () => {
      state.closing = true;
      clearInterval(poll);
      await Promise.all([listener.close(), look.settled()]);
      await boss.stop({ graceful: true, timeout: stop_ms });
    },
  };
}

// Fetching looks each second, since a job that is to be tried again announces itself to nobody.
const polling = { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 1 };

// One job refreshes what is to be fresh, and one what is apart, in all workers together.
const twoLanes = { localConcurrency: 2, groupConcurrency: 1 };

function bossOf({ database }: Jukebase, log: Log): PgBoss {
  const boss = new PgBoss({
    connectionString: database.url,
    application_name: "jukebase jobs",
    schema: jobSchema,
    max: 4,
    useListenNotify: true,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    persistWarnings: true,
  });
  boss.on("error", (error) => log.error(failureFields(error), "The job queue reports an error."));
  boss.on("warning", ({ message }) => log.warn({ error: message }, "The job queue warns."));
  return boss;
}

type Attempting = { readonly log: Log; readonly look: Coalesced; readonly interrupted: () => boolean };

function attemptOf(jukebase: Jukebase, { name, kind }: QueueDefinition, work: Work, { log, look, interrupted }: Attempting) {
  return async (job: JobWithMetadata<unknown>): Promise<JobResult> => {
    const fields = { queue: name, job_id: job.id, attempt: job.retryCount + 1 };
    try {
      const output = await work(jukebase, job.data, () => interrupted() || job.signal.aborted);
      if (kind === "latest") await forgetFailures(jukebase, name, deadLettersOf(name));
      // What a sweep found is told, because it holds the head of the audit log, which is to be kept outside of the database.
      if (name === sweepQueue) log.info({ ...fields, ...output }, "A sweep is done.");
      else if (failedMarts(output) !== "")
        log.error({ ...fields, marts: failedMarts(output) }, "Marts could not be refreshed; they are tried again.");
      else log.debug(fields, "A job is done.");
      look.soon();
      return { id: job.id, status: "completed", output };
    } catch (error) {
      // What is wrong with a job itself stays wrong however often it is tried.
      const status = error instanceof Invalid || error instanceof NotFound ? "deadletter" : "failed";
      const failure = failureFields(error);
      log.error({ ...fields, ...failure }, status === "failed" ? "A job failed; it is tried again." : "A job cannot be done.");
      return {
        id: job.id,
        status,
        output: { message: failure.error, ...(failure.code === undefined ? {} : { code: failure.code }) },
      };
    }
  };
}

function failedMarts(output: object): string {
  return "failed" in output && Array.isArray(output.failed) ? output.failed.join(", ") : "";
}

type Coalesced = { readonly soon: () => void; readonly settled: () => Promise<void> };

// However often it is asked for, one look runs at a time, and one more after it.
function coalesced(work: () => Promise<void>, log: Log): Coalesced {
  let running: Promise<void> | undefined;
  let again = false;
  let wasDown = false;
  const run = async (): Promise<void> => {
    do {
      again = false;
      try {
        await work();
        wasDown = false;
      } catch (failure) {
        if (!wasDown) log.warn(failureFields(failure), "The worker cannot look at the log; it tries again each second.");
        wasDown = true;
      }
      await new Promise((resolve) => setTimeout(resolve, gap_ms));
    } while (again);
    running = undefined;
  };
  return {
    soon: () => {
      if (running === undefined) running = run();
      else again = true;
    },
    settled: async () => {
      await running;
    },
  };
}
