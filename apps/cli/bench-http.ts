import type { Jukebase } from "@jukebase/domains/open.ts";
import pg from "pg";
import { type BenchConnection, benchConnection, intakeRequest } from "./bench-client.ts";
import { type BenchProcess, benchProcess } from "./bench-processes.ts";
import type { Terminal } from "./terminal.ts";

/** How much a bench of the HTTP intake sends, and over how many connections. */
export type HttpBenchOptions = {
  readonly events: number;
  readonly batch: number;
  readonly singles: number;
  readonly connections: number;
  readonly batchConnections: number;
  readonly profile?: string | undefined;
};

/** What it found. `bare_commits_per_s`: the same bodies as rows of a plain table, a commit each, over 32 connections. */
export type HttpBench = {
  readonly events_per_s: number;
  readonly batch_p99_ms: number;
  readonly batch_api_cpu_us_per_event: number | null;
  readonly singles_per_s: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly single_api_cpu_us: number | null;
  readonly bare_commits_per_s: number;
  readonly singles_to_bare: number;
};

/**
 * Sends new events to an API of its own process, first in batches, then one by one, each from a bounded number of connections that wait
 * for every answer; and commits as many single rows without any of it, for comparison. A first round that is not counted warms it all up.
 */
export async function benchHttp(terminal: Terminal, jukebase: Jukebase, options: HttpBenchOptions): Promise<HttpBench> {
  const secret = await benchKey(jukebase);
  const api = await benchProcess("api", jukebase.config, options.profile);
  try {
    const url = new URL(api.url as string);
    terminal.progress("Warming up");
    await measured(api, url, requests(url, secret, "warm", 200, 20), options.batchConnections);
    await measured(api, url, requests(url, secret, "warm-one", 500, 1), options.connections);
    terminal.progress("Batches");
    const batches = Math.ceil(options.events / options.batch);
    const many = await measured(api, url, requests(url, secret, "many", batches, options.batch), options.batchConnections);
    terminal.progress("One by one");
    const single = await measured(api, url, requests(url, secret, "one", options.singles, 1), options.connections);
    terminal.progress("Bare commits");
    const bare_per_s = await bareCommits(jukebase, options);
    const events = batches * options.batch;
    const singles_per_s = Math.round((options.singles * 1000) / single.ms);
    return {
      events_per_s: Math.round((events * 1000) / many.ms),
      batch_p99_ms: quantile(many.times, 0.99),
      batch_api_cpu_us_per_event: perUnit(many.cpu_ms, events),
      singles_per_s,
      p50_ms: quantile(single.times, 0.5),
      p99_ms: quantile(single.times, 0.99),
      single_api_cpu_us: perUnit(single.cpu_ms, options.singles),
      bare_commits_per_s: bare_per_s,
      singles_to_bare: Number((singles_per_s / bare_per_s).toFixed(3)),
    };
  } finally {
    await api.stop();
  }
}

/** A key without limits worth mentioning, for the source "bench". */
export async function benchKey(jukebase: Jukebase): Promise<string> {
  const { createKey } = await import("@jukebase/api/keys.ts");
  const most = 2_000_000_000;
  const limits = { requests_per_minute: most, events_per_minute: most, bytes_per_minute: 1_000 * most };
  const made = await createKey(jukebase, { name: "bench", source: "bench", limits }, "cli:bench");
  return made.secret;
}

/** A payment of about 200 bytes that no other has the id of. */
export function benchEvent(series: string, n: number): string {
  const second = new Date(Date.UTC(2025, 0, 1) + (n % 20_000_000) * 1000).toISOString();
  return `{"type":"Payment.PaymentReceived","id":"${series}-${n}","version":2,"data":{"PaymentId":"${series}-${n}","DeviceId":${n % 5000},"PaymentAmount":"${n % 100}.50","Currency":"USD","OccurredAt":"${second}"}}`;
}

/** The value below which such a share lies, to a tenth. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return Number((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1));
}

function* requests(url: URL, secret: string, series: string, count: number, batch: number): Generator<Buffer> {
  for (let n = 0; n < count; n += 1) {
    const events = Array.from({ length: batch }, (_, at) => benchEvent(series, n * batch + at));
    yield intakeRequest(url, secret, batch === 1 ? (events[0] as string) : `[${events.join(",")}]`);
  }
}

type Measured = { readonly ms: number; readonly times: readonly number[]; readonly cpu_ms: number | undefined };

async function measured(api: BenchProcess, url: URL, sent: Iterator<Buffer>, connections: number): Promise<Measured> {
  const open = await Promise.all(Array.from({ length: connections }, () => benchConnection(url)));
  const times: number[] = [];
  const [began_cpu, began] = [api.cpu_ms(), performance.now()];
  await Promise.all(open.map((connection) => drive(connection, sent, times)));
  const ms = performance.now() - began;
  const cpu = api.cpu_ms();
  for (const connection of open) connection.close();
  return { ms, times, cpu_ms: cpu === undefined || began_cpu === undefined ? undefined : cpu - began_cpu };
}

// Any answer but "all of it is accepted" ends the bench: a refusal is quickly given.
async function drive(connection: BenchConnection, sent: Iterator<Buffer>, times: number[]): Promise<void> {
  for (let next = sent.next(); !next.done; next = sent.next()) {
    const { status, body, ms } = await connection.ask(next.value);
    const [, received, accepted] = /"received":(\d+),"accepted":(\d+)/.exec(body.toString("latin1", 0, 100)) ?? [];
    if (status !== 200 || received !== accepted || received === undefined)
      throw new Error(`The API answered ${status}: ${body.toString("utf8", 0, 500)}`);
    times.push(ms);
  }
}

const bareConnections = 32;

async function bareCommits({ database }: Jukebase, { singles }: HttpBenchOptions): Promise<number> {
  const pool = new pg.Pool({ connectionString: database.url, max: bareConnections });
  try {
    await pool.query("create table bare_line (id uuid primary key default uuidv7(), line jsonb not null)");
    let n = 0;
    const commit = async (): Promise<void> => {
      while (n < singles) {
        n += 1;
        await pool.query({ name: "bare", text: "insert into bare_line (line) values ($1)", values: [benchEvent("bare", n)] });
      }
    };
    const began = performance.now();
    await Promise.all(Array.from({ length: bareConnections }, commit));
    return Math.round((singles * 1000) / (performance.now() - began));
  } finally {
    await pool.end();
  }
}

function perUnit(cpu_ms: number | undefined, units: number): number | null {
  return cpu_ms === undefined ? null : Number(((cpu_ms * 1000) / units).toFixed(1));
}
