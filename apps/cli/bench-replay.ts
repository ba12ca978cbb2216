import { Readable } from "node:stream";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { declareSource, load, mendGroup, replay, tryReplay } from "@jukebase/events";
import { pgExecutor } from "@jukebase/platform";
import { cpuTime } from "./bench-cpu.ts";
import type { Terminal } from "./terminal.ts";

/** What a bench of the replay found: seconds for all events, the rate, CPU of process and server, and the ratio to loading the same events fresh. */
export type ReplayBench = {
  readonly events: number;
  readonly fresh_s: number;
  readonly mend_s: number;
  readonly trial_s: number;
  readonly replay_s: number;
  readonly replay_cpu_s: number;
  readonly replay_per_s: number;
  readonly ratio_to_fresh: number;
};

const type = "Payment.PaymentReceived";

/**
 * Quarantines events by the real path (while their type is not known), mends each by an expression, tries a replay, and replays them;
 * the same events loaded fresh, under another source, are what a replay is compared with.
 */
export async function benchReplay(
  terminal: Terminal,
  jukebase: Jukebase,
  { events }: { readonly events: number },
): Promise<ReplayBench> {
  const db = pgExecutor(jukebase.database.pg);
  const unknowing = {
    ...jukebase,
    helpers: undefined,
    contracts: new Map([...jukebase.contracts].filter(([name]) => name !== type)),
  };
  const [held, fresh] = [await declareSource(db, "held"), await declareSource(db, "fresh")];
  terminal.progress("Filling the quarantine");
  const filled = await load(unknowing, readable(events), { source: held, name: "held" });
  if (filled.quarantined !== events) throw new Error(`${filled.quarantined} of ${events} events were quarantined.`);
  const choice = { type, reason: "unknown-type" };
  terminal.progress("Loading the same events fresh");
  const fresh_s = await timed(() =>
    load({ ...jukebase, helpers: undefined }, readable(events), { source: fresh, name: "fresh" }),
  );
  terminal.progress("Mending");
  const mend_s = await timed(() => mendGroup(jukebase, choice, 'set $.data.Currency = "USD" if missing'));
  terminal.progress("Trying");
  const trial_s = await timed(() => tryReplay(jukebase, choice));
  const before = await cpuTime(jukebase.database);
  const replay_s = await timed(async () => {
    const { logged } = await replay(jukebase, choice, undefined, {
      onProgress: ({ taken }, of) => terminal.progress(`Replayed ${taken} of ${of}`),
    });
    if (logged !== events) throw new Error(`${logged} of ${events} events were logged.`);
  });
  const after = await cpuTime(jukebase.database);
  const cpu_us = after.node_us - before.node_us + (after.postgres_us ?? 0) - (before.postgres_us ?? 0);
  return {
    events,
    fresh_s: rounded(fresh_s),
    mend_s: rounded(mend_s),
    trial_s: rounded(trial_s),
    replay_s: rounded(replay_s),
    replay_cpu_s: rounded(cpu_us / 1e6),
    replay_per_s: Math.round(events / replay_s),
    ratio_to_fresh: rounded(fresh_s / replay_s),
  };
}

function readable(events: number) {
  return { bytes: Readable.from(lines(events)), read: { format: "ndjson" as const } };
}

function* lines(events: number): Generator<Buffer> {
  for (let at = 0; at < events; at += 500)
    yield Buffer.from(Array.from({ length: Math.min(500, events - at) }, (_, n) => `${line(at + n)}\n`).join(""));
}

function line(n: number): string {
  const data = {
    PaymentId: `till-${n}`,
    DeviceId: n % 5000,
    PaymentAmount: `${n % 900}.${10 + (n % 90)}`,
    OccurredAt: "2026-01-05T10:00:00Z",
  };
  return JSON.stringify({ type, id: `payment-${n}`, data });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started_ms = performance.now();
  await work();
  return (performance.now() - started_ms) / 1000;
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
