import { setTimeout } from "node:timers/promises";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { rebuild } from "@jukebase/domains/rebuild.ts";
import { declareSource, load } from "@jukebase/events";
import { refreshMarts } from "@jukebase/marts";
import { generate, type Scale } from "@jukebase/mock-data";
import { pgExecutor } from "@jukebase/platform";
import type { Terminal } from "./terminal.ts";
import { generateOptions } from "./worlds.ts";

/** What a bench of rebuilding found. `ratio_to_copy` compares with copying the log's rows into one typed table with one index. */
export type RebuildBench = {
  readonly events: number;
  readonly filled_ms: number;
  readonly total_ms: number;
  readonly rebuild_events_per_s: number;
  readonly copy_events_per_s: number;
  readonly ratio_to_copy: number;
  readonly memory_mb: number;
};

/**
 * Loads events through the real path, then replays them into all domains' tables and marts while nothing else runs. The rate counts from
 * the first event read to tables that stand filled with all keys and references; `total_ms` also has marts, checks and the swap.
 */
export async function benchRebuild(terminal: Terminal, jukebase: Jukebase, asked: number): Promise<RebuildBench> {
  await fillLog(terminal, jukebase, asked);
  const { pg } = jukebase.database;
  await refreshMarts(pg);
  await pg.query("checkpoint");
  terminal.progress("Copying the log");
  const copy_ms = await timed(() => copyLog(jukebase));
  const watch = new AbortController();
  const memory = peakMemory(watch.signal);
  const rebuilt = await rebuild(jukebase, {
    actor: "cli:bench",
    onProgress: ({ phase, done, events }) => terminal.progress(`${phase}: ${Object.values(done)[0] ?? 0} of ${events}`),
  });
  watch.abort();
  const rate = (ms: number): number => Math.round((rebuilt.events * 1000) / ms);
  return {
    events: rebuilt.events,
    filled_ms: rebuilt.filled_ms,
    total_ms: rebuilt.total_ms,
    rebuild_events_per_s: rate(rebuilt.filled_ms),
    copy_events_per_s: rate(copy_ms),
    ratio_to_copy: Number((copy_ms / rebuilt.filled_ms).toFixed(3)),
    memory_mb: await memory,
  };
}

/** Loads about so many events of a made-up world through the real path; they are not projected yet. */
export async function fillLog(terminal: Terminal, jukebase: Jukebase, asked: number): Promise<void> {
  const scale: Scale = asked > 1_000_000 ? "large" : asked > 10_000 ? "medium" : "small";
  const options = await generateOptions({ scenario: "jukebox", scale, seed: 1 });
  const source = await declareSource(pgExecutor(jukebase.database.pg), "bench");
  const bytes = linesOf(generate(options).events, asked);
  await load(
    jukebase,
    { bytes, read: { format: "ndjson" } },
    {
      source,
      name: "bench",
      onProgress: (progress) => terminal.progress(`Loading ${progress.received} of ${asked} events`),
    },
  );
}

async function* linesOf(events: AsyncIterable<string>, asked: number): AsyncGenerator<Buffer> {
  let lines: string[] = [];
  let n = 0;
  for await (const line of events) {
    if (n === asked) break;
    n += 1;
    lines.push(line);
    if (lines.length < 500) continue;
    yield Buffer.from(`${lines.join("\n")}\n`);
    lines = [];
  }
  if (lines.length > 0) yield Buffer.from(`${lines.join("\n")}\n`);
}

async function copyLog({ database }: Jukebase): Promise<void> {
  await database.pg.query("drop table if exists copied");
  await database.pg.query(
    `create table copied (
       log_id uuid not null, event_key uuid not null, type text not null, source text not null, event_id text not null, occurred_at timestamptz not null,
       data jsonb not null
     )`,
  );
  await database.pg.query("create index copied_occurred_at_idx on copied (occurred_at)");
  await database.pg.query(
    `insert into copied (log_id, event_key, type, source, event_id, occurred_at, data)
     select log_id, event_key, type, source, event_id, occurred_at, data
     from events.log`,
  );
  await database.pg.query("drop table copied");
}

async function peakMemory(signal: AbortSignal): Promise<number> {
  let peak = 0;
  while (!signal.aborted) {
    peak = Math.max(peak, process.memoryUsage.rss());
    await setTimeout(200, undefined, { signal }).catch(() => {}); // Woken because it is over.
  }
  return Math.round(peak / 1_000_000);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started_ms = performance.now();
  await work();
  return performance.now() - started_ms;
}
