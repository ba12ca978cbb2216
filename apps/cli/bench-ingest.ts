import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { declareSource, load, readReceived } from "@jukebase/events";
import { generate } from "@jukebase/mock-data";
import { pgExecutor } from "@jukebase/platform";
import { from as copyFrom } from "pg-copy-streams";
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
};

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
  const times: { copy_ms: number; ingest_ms: number }[] = [];
  for (let run = 1; run <= runs; run += 1) {
    terminal.progress(`Run ${run} of ${runs}`);
    times.push({ copy_ms: await timed(() => copy(jukebase, lines)), ingest_ms: await timed(() => ingest(jukebase, lines, run)) });
  }
  const [copy_ms, ingest_ms] = [median(times.map((time) => time.copy_ms)), median(times.map((time) => time.ingest_ms))];
  const rate = (ms: number): number => Math.round((lines.length * 1000) / ms);
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
  return {
    events: lines.length,
    runs,
    bytes_per_event: Math.round(bytes / lines.length),
    copy_per_s: rate(copy_ms),
    ingest_per_s: rate(ingest_ms),
    ratio_to_copy: Number((copy_ms / ingest_ms).toFixed(3)),
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
  await load(jukebase, readReceived(input, { format: "ndjson" }), { source, name: "bench" });
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

async function timed(work: () => Promise<void>): Promise<number> {
  const started_ms = performance.now();
  await work();
  return performance.now() - started_ms;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
