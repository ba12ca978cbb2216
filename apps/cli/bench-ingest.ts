import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { project } from "@jukebase/domains/project.ts";
import { declareSource, load } from "@jukebase/events";
import { generate } from "@jukebase/mock-data";
import { pgExecutor } from "@jukebase/platform";
import { from as copyFrom } from "pg-copy-streams";
import { cpuTime } from "./bench-cpu.ts";
import type { Terminal } from "./terminal.ts";
import { generateOptions } from "./worlds.ts";

/** What a bench of the intake found; rates are medians of the runs, the ratio is of these. */
export type IngestBench = {
  readonly events: number;
  readonly runs: number;
  readonly bytes_per_event: number;
  readonly copy_per_s: number;
  readonly ingest_per_s: number;
  readonly ratio_to_copy: number;
  /** Loaded and projected into the domains' tables, one after the other. */
  readonly through_per_s: number;
  readonly through_ratio_to_copy: number;
  /** The most memory that this process held, which also holds the lines. */
  readonly memory_mb: number;
  /** CPU time of each event, in microseconds; of the server only where it runs on this machine. */
  readonly cpu_us: { readonly copy: PerEvent; readonly ingest: PerEvent; readonly project: PerEvent };
};

type PerEvent = { readonly node: number; readonly postgres: number | null };

/**
 * The same lines, from memory, by COPY into a logged table (jsonb, a uuidv7 key, an index on the receipt time) and by the real path:
 * read, judged, normalised, deduplicated, logged. The two take turns, so that both meet the same machine.
 */
export async function benchIngest(
  terminal: Terminal,
  jukebase: Jukebase,
  { events, runs }: { events: number; runs: number },
): Promise<IngestBench> {
  const lines = await linesOf(events);
  const times: { copy: Timed; ingest: Timed; project: Timed }[] = [];
  for (let run = 1; run <= runs; run += 1) {
    terminal.progress(`Run ${run} of ${runs}`);
    times.push({
      copy: await timed(jukebase, lines.length, () => copy(jukebase, lines)),
      ingest: await timed(jukebase, lines.length, () => ingest(jukebase, lines, run)),
      project: await timed(jukebase, lines.length, () => projectAll(jukebase)),
    });
  }
  const copied = medianOf(times.map((time) => time.copy));
  const ingested = medianOf(times.map((time) => time.ingest));
  const projected = medianOf(times.map((time) => time.project));
  const [copy_ms, ingest_ms, through_ms] = [copied.ms, ingested.ms, ingested.ms + projected.ms];
  const rate = (ms: number): number => Math.round((lines.length * 1000) / ms);
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
  return {
    events: lines.length,
    runs,
    bytes_per_event: Math.round(bytes / lines.length),
    copy_per_s: rate(copy_ms),
    ingest_per_s: rate(ingest_ms),
    ratio_to_copy: Number((copy_ms / ingest_ms).toFixed(3)),
    through_per_s: rate(through_ms),
    through_ratio_to_copy: Number((copy_ms / through_ms).toFixed(3)),
    memory_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    cpu_us: { copy: copied.cpu_us, ingest: ingested.cpu_us, project: projected.cpu_us },
  };
}

// Only well-formed lines: a COPY into jsonb could not take the others.
async function linesOf(events: number): Promise<string[]> {
  const lines: string[] = [];
  const options = await generateOptions({ scenario: "jukebox", scale: events > 9_000 ? "medium" : "small", seed: 1 });
  for await (const line of generate(options).events) {
    if (lines.length === events) break;
    if (isJson(line)) lines.push(line);
  }
  return lines;
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return !line.includes("\\u0000");
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

async function copy({ database }: Jukebase, lines: readonly string[]): Promise<void> {
  const client = await database.pg.connect();
  try {
    await client.query("drop table if exists raw_line");
    await client.query(
      "create table raw_line (id uuid primary key default uuidv7(), received_at timestamptz not null default clock_timestamp(), line jsonb not null)",
    );
    await client.query("create index raw_line_received_at_idx on raw_line (received_at)");
    await pipeline(Readable.from(chunksOf(lines, escaped)), client.query(copyFrom("copy raw_line (line) from stdin")));
  } finally {
    client.release();
  }
}

// Each run is another source: the same ids again would only be duplicates.
async function ingest(jukebase: Jukebase, lines: readonly string[], run: number): Promise<void> {
  const source = await declareSource(pgExecutor(jukebase.database.pg), `bench-${run}`);
  const input = Readable.from(chunksOf(lines, (line) => line));
  await load(jukebase, { bytes: input, read: { format: "ndjson" } }, { source, name: "bench" });
}

// As a worker does it: each projection for itself, side by side.
async function projectAll(jukebase: Jukebase): Promise<void> {
  const projections = jukebase.domains.flatMap((domain) => domain.projections);
  await Promise.all(projections.map((projection) => project(projection, jukebase, { actor: "cli:bench" })));
}

function* chunksOf(lines: readonly string[], shape: (line: string) => string): Generator<Buffer> {
  for (let at = 0; at < lines.length; at += 500)
    yield Buffer.from(
      `${lines
        .slice(at, at + 500)
        .map(shape)
        .join("\n")}\n`,
    );
}

function escaped(line: string): string {
  return line.replaceAll("\\", "\\\\").replaceAll("\t", "\\t");
}

type Timed = { readonly ms: number; readonly cpu_us: PerEvent };

async function timed({ database }: Jukebase, events: number, work: () => Promise<void>): Promise<Timed> {
  const before = await cpuTime(database);
  const started_ms = performance.now();
  await work();
  const ms = performance.now() - started_ms;
  const after = await cpuTime(database);
  const each = (used: number): number => Number((used / events).toFixed(1));
  const { postgres_us } = after;
  return {
    ms,
    cpu_us: {
      node: each(after.node_us - before.node_us),
      postgres: postgres_us === undefined ? null : each(postgres_us - (before.postgres_us ?? 0)),
    },
  };
}

function medianOf(runs: readonly Timed[]): Timed {
  return runs.toSorted((a, b) => a.ms - b.ms)[Math.floor(runs.length / 2)] as Timed;
}
