import type { Jukebase } from "@jukebase/domains/open.ts";
import { pgExecutor } from "@jukebase/platform";
import { benchConnection, intakeRequest } from "./bench-client.ts";
import { benchEvent, benchKey, quantile } from "./bench-http.ts";
import { benchProcess } from "./bench-processes.ts";
import type { Terminal } from "./terminal.ts";

/** How many events a second, in requests of how many, for how long. */
export type FreshnessBenchOptions = {
  readonly rate: number;
  readonly batch: number;
  readonly seconds: number;
  readonly profile?: string | undefined;
};

/** How long after its acceptance an event stood in every mart of its projection; `on_time` is the share of requests sent when they were due. */
export type FreshnessBench = {
  readonly events: number;
  readonly events_per_s: number;
  readonly p50_s: number;
  readonly p99_s: number;
  readonly worst_s: number;
  readonly on_time: number;
};

const connections = 16;
const poll_ms = 50;
const late_ms = 250;
const patience_ms = 60_000;

/**
 * Sends events at a steady rate to an API of its own process while a worker of its own projects them and refreshes the marts. A mart
 * records the position it is exact at; an event is fresh when the slowest mart has passed its batch.
 */
export async function benchFreshness(
  terminal: Terminal,
  jukebase: Jukebase,
  options: FreshnessBenchOptions,
): Promise<FreshnessBench> {
  const secret = await benchKey(jukebase);
  const worker = await benchProcess("worker", jukebase.config);
  try {
    const api = await benchProcess("api", jukebase.config, options.profile);
    try {
      const watch = watchMarts(jukebase);
      const began = performance.now();
      const accepted = await send(new URL(api.url as string), secret, options, (share) =>
        terminal.progress(`${Math.round(share * 100)} % sent`),
      );
      const sending_ms = performance.now() - began;
      terminal.progress("Waiting for the marts");
      const positions = await positionsOf(jukebase, accepted);
      const seen = await watch.until(Math.max(...positions));
      const waits_s = accepted.map(({ at_ms }, n) => (reached(seen, positions[n] as number) - at_ms) / 1000);
      return {
        events: accepted.length * options.batch,
        events_per_s: Math.round((accepted.length * options.batch * 1000) / sending_ms),
        p50_s: quantile(waits_s, 0.5),
        p99_s: quantile(waits_s, 0.99),
        worst_s: quantile(waits_s, 1),
        on_time: Number((accepted.filter(({ onTime }) => onTime).length / accepted.length).toFixed(3)),
      };
    } finally {
      await api.stop();
    }
  } finally {
    await worker.stop();
  }
}

type Accepted = { readonly receipt: string; readonly at_ms: number; readonly onTime: boolean };

async function send(
  url: URL,
  secret: string,
  { rate, batch, seconds }: FreshnessBenchOptions,
  onShare: (share: number) => void,
): Promise<Accepted[]> {
  const count = Math.ceil((rate * seconds) / batch);
  const accepted: Accepted[] = [];
  const began = performance.now();
  let next = 0;
  const drive = async (): Promise<void> => {
    const connection = await benchConnection(url);
    while (next < count) {
      const n = next++;
      const due = began + (n * batch * 1000) / rate;
      const early_ms = due - performance.now();
      if (early_ms > 0) await new Promise((resolve) => setTimeout(resolve, early_ms));
      const onTime = performance.now() - due < late_ms;
      const events = Array.from({ length: batch }, (_, at) => benchEvent("fresh", n * batch + at));
      const { status, body } = await connection.ask(intakeRequest(url, secret, `[${events.join(",")}]`));
      const [, receipt] = /"status":"accepted","id":"[^"]+","receipt":"([^"]+)"/.exec(body.toString()) ?? [];
      if (status !== 200 || receipt === undefined)
        throw new Error(`The API answered ${status}: ${body.toString("utf8", 0, 500)}`);
      accepted.push({ receipt, at_ms: performance.now(), onTime });
      onShare(accepted.length / count);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, drive));
  return accepted;
}

// Which batch of the log each request's first event is in.
async function positionsOf({ database }: Jukebase, accepted: readonly Accepted[]): Promise<number[]> {
  const rows = await pgExecutor(database.pg).query<{ event_key: string; seq: number }>(
    `select key.event_key, batch.seq
     from events.key
     join events.log on log.log_id = key.log_id and log.event_key = key.event_key
     join events.batch on batch.batch_id = log.batch_id
     where key.event_key = any($1::uuid[])`,
    [accepted.map(({ receipt }) => receipt)],
  );
  const seqs = new Map(rows.map(({ event_key, seq }) => [event_key, seq]));
  return accepted.map(({ receipt }) => seqs.get(receipt) as number);
}

type Seen = { readonly at_ms: number; readonly seq: number };

function watchMarts({ database }: Jukebase): { until: (seq: number) => Promise<readonly Seen[]> } {
  const seen: Seen[] = [];
  let wanted = Number.POSITIVE_INFINITY;
  let stop_at = Number.POSITIVE_INFINITY;
  const watching = (async () => {
    while ((seen.at(-1)?.seq ?? 0) < wanted) {
      const { rows } = await database.pg.query<{ seq: number }>(
        `select coalesce(min((positions ->> 'sales')::bigint), 0) as seq
         from marts_store.mart
         where kind <> 'view'
           and positions ? 'sales'`,
      );
      seen.push({ at_ms: performance.now(), seq: rows[0]?.seq ?? 0 });
      if (performance.now() > stop_at)
        throw new Error(`The marts are not fresh after ${patience_ms / 1000} s; is the worker well?`);
      await new Promise((resolve) => setTimeout(resolve, poll_ms));
    }
  })();
  watching.catch(() => undefined); // Thrown to whoever asks `until`.
  return {
    until: async (seq) => {
      wanted = seq;
      stop_at = performance.now() + patience_ms;
      await watching;
      return seen;
    },
  };
}

function reached(seen: readonly Seen[], seq: number): number {
  return (seen.find((one) => one.seq >= seq) ?? (seen.at(-1) as Seen)).at_ms;
}
