import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { type Answer, post } from "./client.ts";

/** How long it took until a new event was in its mart again, after each disturbance that no other followed before. */
export type Recovery = {
  /** Something was done that may hold the projections up. */
  readonly disturbed: () => void;
  /** Resolves when an event that was sent after the last disturbance stands in its mart, or after a minute and a half, which then counts. */
  readonly recovered: () => Promise<void>;
  /** In seconds; `pending` when the last has not come to its end. */
  readonly most_s: () => number;
  readonly times: () => number;
  readonly probes: () => number;
  readonly end: () => Promise<void>;
};

/** What the probes need: where to send, as whom, and where to look. */
export type RecoveryOptions = {
  readonly url: () => string;
  readonly secret: string;
  readonly database: string;
  readonly source: string;
};

type State = {
  disturbed_at: number | undefined;
  readonly sent: Map<number, number>;
  sentCount: number;
  fresh: number;
  most_ms: number;
  times: number;
  stopped: boolean;
};

const between_ms = 300;
const patience_ms = 90_000;

/** Sends a small payment every now and then, and looks for the newest in `marts.fct_payments`: the whole way, as somebody would see it. */
export function watchRecovery(options: RecoveryOptions): Recovery {
  const state: State = {
    disturbed_at: undefined,
    sent: new Map(),
    sentCount: 0,
    fresh: 0,
    most_ms: 0,
    times: 0,
    stopped: false,
  };
  const running = Promise.all([send(options, state), look(options, state)]);
  running.catch(() => {}); // Thrown again by `end`.
  return {
    disturbed: () => {
      state.disturbed_at = performance.now();
    },
    recovered: async () => {
      const end = performance.now() + patience_ms;
      while (state.disturbed_at !== undefined) {
        await wait(100);
        if (performance.now() > end) recoveredNow(state);
      }
    },
    most_s: () => Number((state.most_ms / 1000).toFixed(1)),
    times: () => state.times,
    probes: () => state.sentCount,
    end: async () => {
      state.stopped = true;
      await running;
    },
  };
}

async function send({ url, secret }: RecoveryOptions, state: State): Promise<void> {
  while (!state.stopped) {
    const n = state.sentCount + 1;
    state.sent.set(n, performance.now());
    const body = Buffer.from(
      JSON.stringify({
        id: `probe-${n}`,
        type: "Payment.PaymentReceived",
        data: { PaymentId: probeId(n), PaymentAmount: "1.00", OccurredAt: "2026-03-01T10:00:00Z" },
      }),
    );
    const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
    let answer: Answer | undefined;
    while (answer?.status !== 200 && !(state.stopped && answer === undefined)) {
      answer = await post(`${url()}/v1/events`, { headers, body, limit_ms: 4_000 });
      if (answer?.status !== 200) await wait(200);
      if (state.stopped) break;
    }
    if (answer?.status === 200) state.sentCount = n;
    await wait(between_ms);
  }
}

// Sorts as text as it does as a number.
function probeId(n: number): string {
  return `probe-${String(n).padStart(9, "0")}`;
}

async function look({ database, source }: RecoveryOptions, state: State): Promise<void> {
  let client: pg.Client | undefined;
  while (!state.stopped) {
    client ??= await connected(database);
    const found = await client
      ?.query<{ newest: string | null }>("select max(payment_id) as newest from marts.fct_payments where source = $1", [source])
      .catch(() => undefined); // The server went away, which is one of the faults.
    if (client !== undefined && found === undefined) {
      await client.end().catch(() => {}); // It is gone already.
      client = undefined;
    }
    note(state, Number(found?.rows[0]?.newest?.slice("probe-".length) ?? 0));
    await wait(100);
  }
  await client?.end();
}

async function connected(database: string): Promise<pg.Client | undefined> {
  const client = new pg.Client({ connectionString: database, connectionTimeoutMillis: 2_000, query_timeout: 5_000 });
  client.on("error", () => {}); // Told by the next query.
  return client.connect().then(
    () => client,
    () => undefined,
  );
}

function note(state: State, fresh: number): void {
  for (let n = state.fresh; n < fresh - 1; n += 1) state.sent.delete(n);
  state.fresh = Math.max(state.fresh, fresh);
  const sentAt = state.sent.get(state.fresh);
  if (state.disturbed_at === undefined || sentAt === undefined || sentAt < state.disturbed_at) return;
  recoveredNow(state);
}

function recoveredNow(state: State): void {
  if (state.disturbed_at === undefined) return;
  state.most_ms = Math.max(state.most_ms, performance.now() - state.disturbed_at);
  state.times += 1;
  state.disturbed_at = undefined;
}
