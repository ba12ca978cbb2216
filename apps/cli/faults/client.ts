import { Agent, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { type Random, randomStream } from "@jukebase/mock-data/random.ts";
import { acknowledge, type Ledger, type Sending, type Told } from "./ledger.ts";
import { type Item, nameless } from "./traffic.ts";

/** What the clients have met until now. */
export type Tally = {
  lines: number;
  acknowledged: number;
  retries: number;
  /** Answers by their status; `none` where no whole answer came. */
  readonly answers: Map<string, number>;
  /** Refusals that a client cannot make sense of: neither 429 nor 503, or 503 without a Retry-After. */
  readonly odd: string[];
};

/** How a client sends: where to, as whom, and how many lines a second. */
export type ClientOptions = {
  readonly seed: number;
  readonly name: string;
  readonly url: () => string;
  readonly secret: string;
  readonly lines_per_s: number;
  readonly items: AsyncIterator<Item>;
  readonly ledger: Ledger;
  readonly tally: Tally;
};

const answer_ms = 8_000;
const patience_ms = 90_000;

/** Sends until `stopped`, each request again and again until it is acknowledged, the last one too; a sentence when one never was. */
export async function runClient(options: ClientOptions, stopped: () => boolean): Promise<string | undefined> {
  const random = randomStream(options.seed, `client/${options.name}`);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (let n = 0; !stopped(); n += 1) {
      const began = performance.now();
      const { sending, body, headers } = await nextRequest(options, random, n);
      const told = await untilAcknowledged(options, random, agent, { sending, body, headers });
      if (told === undefined) return `${options.name} sent ${sending.tracer} for ${patience_ms / 1000} s in vain`;
      acknowledge(options.ledger, sending, told);
      options.tally.lines += sending.items.length + 1;
      options.tally.acknowledged += 1;
      const pace_ms = (sending.items.length * 1000) / options.lines_per_s;
      await wait(Math.max(0, pace_ms - (performance.now() - began)));
    }
    return undefined;
  } finally {
    agent.destroy();
  }
}

type Prepared = { readonly sending: Sending; readonly body: Buffer; readonly headers: Record<string, string> };

async function nextRequest({ items, name, secret }: ClientOptions, random: Random, n: number): Promise<Prepared> {
  const tracer = `tracer-${name}-${n}`;
  const isKeyed = random.chance(0.5);
  const taken: Item[] = [];
  for (let left = random.int(1, 80); left > 0; left -= 1) taken.push((await items.next()).value as Item);
  // Without a key, a repeated request could not tell its nameless facts from new ones.
  if (isKeyed) taken.push(nameless(random.int(1, 3)), nameless(random.int(1, 3)));
  const last = Buffer.from(JSON.stringify({ id: tracer, type: "Bench.Tracer", data: {} }));
  const lines = Buffer.concat([...taken.map(({ line }) => line), last].flatMap((line) => [line, newline]));
  const isPacked = random.chance(0.2);
  return {
    sending: { tracer, items: taken, unknown: 0 },
    body: isPacked ? gzipSync(lines, { level: 1 }) : lines,
    headers: {
      authorization: `Bearer ${secret}`,
      "content-type": "application/x-ndjson",
      ...(isKeyed ? { "idempotency-key": tracer } : {}),
      ...(isPacked ? { "content-encoding": "gzip" } : {}),
    },
  };
}

const newline = Buffer.from("\n");

async function untilAcknowledged(
  { url, tally }: Pick<ClientOptions, "url" | "tally">,
  random: Random,
  agent: Agent,
  { sending, body, headers }: Prepared,
): Promise<Told[] | undefined> {
  const end = performance.now() + patience_ms;
  for (let attempt = 0; ; attempt += 1) {
    const answer = await post(`${url()}/v1/events`, { headers, body, agent, limit_ms: answer_ms });
    const status = answer === undefined ? "none" : String(answer.status);
    tally.answers.set(status, (tally.answers.get(status) ?? 0) + 1);
    const told = answer?.status === 200 ? resultsOf(answer.body, sending.items.length + 1) : undefined;
    if (told !== undefined) return told;
    // Whatever is no plain refusal may have been committed without our hearing of it.
    if (status !== "429") sending.unknown += 1;
    if (answer !== undefined) noteOdd(tally, answer);
    if (performance.now() > end) return undefined;
    tally.retries += 1;
    await wait(Math.min(1_500, 50 * 2 ** attempt) * (0.5 + random.next() / 2));
  }
}

function noteOdd(tally: Tally, { status, retryAfter, body }: Answer): void {
  const isPlain = (status === 503 && retryAfter !== undefined) || status === 429 || status === 408;
  if (!isPlain) tally.odd.push(`${status}${status === 503 ? " without Retry-After" : ""}: ${body.slice(0, 200)}`);
}

function resultsOf(body: string, many: number): Told[] | undefined {
  try {
    const { results } = JSON.parse(body) as { results?: Told[] };
    return results?.length === many ? results : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined; // Cut off on its way: as good as no answer.
    throw error;
  }
}

/** A whole answer. */
export type Answer = { readonly status: number; readonly retryAfter: string | undefined; readonly body: string };

/** Sends a body and waits for the whole answer; undefined when none came, for whatever reason. */
export function post(
  url: string,
  options: {
    readonly headers: Record<string, string>;
    readonly body: Buffer;
    readonly agent?: Agent;
    readonly limit_ms: number;
  },
): Promise<Answer | undefined> {
  const { headers, body, agent, limit_ms } = options;
  return new Promise((resolve) => {
    const sent = request(url, { method: "POST", headers: { ...headers, "content-length": body.length }, agent: agent ?? false });
    const timer = setTimeout(() => sent.destroy(), limit_ms);
    const end = (answer: Answer | undefined): void => {
      clearTimeout(timer);
      resolve(answer);
    };
    sent.once("error", () => end(undefined));
    sent.once("close", () => end(undefined));
    sent.once("response", (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.once("error", () => end(undefined));
      response.once("end", () =>
        end({
          status: response.statusCode ?? 0,
          retryAfter: response.headers["retry-after"],
          body: Buffer.concat(parts).toString(),
        }),
      );
    });
    sent.end(body);
  });
}
