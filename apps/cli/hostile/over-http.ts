import { gzipSync } from "node:zlib";
import { startApi } from "@jukebase/api/server.ts";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { type Answer, post } from "../faults/client.ts";
import { makeKey } from "../faults/make-key.ts";
import { segmentsOf } from "./count.ts";
import type { Mutator } from "./mutate.ts";
import { countOutcomes, type HostileTally } from "./tally.ts";

const batch = 500;
const limit_ms = 60_000;

/** Sends hostile inputs to an API, 500 in a request, and then bodies that are no events at all. Each request has to have its answer. */
export async function sendOverHttp(
  jukebase: Jukebase,
  { inputs, mutate, tally }: { readonly inputs: number; readonly mutate: Mutator; readonly tally: HostileTally },
): Promise<void> {
  const secret = await makeKey(jukebase.config, "hostile-http");
  const api = await startApi(jukebase, { host: "127.0.0.1", port: 0 });
  const send = (body: Buffer, headers: Record<string, string> = {}): Promise<Answer | undefined> =>
    post(`${api.url}/v1/events`, {
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/x-ndjson", ...headers },
      body,
      limit_ms,
    });
  try {
    for (let done = 0; done < inputs; done += batch) {
      const lines = Array.from({ length: Math.min(batch, inputs - done) }, (_, n) => [mutate(done + n), Buffer.from("\n")]);
      await sendBatch(Buffer.concat(lines.flat()), send, tally);
    }
    for (const { what, body, headers, status } of bodies) {
      const answer = await send(body, headers);
      if (answer?.status !== status) tally.wrong.push(`${what}: answered ${answer?.status ?? "by nothing"}, not ${status}`);
    }
  } finally {
    await api.close();
  }
}

async function sendBatch(body: Buffer, send: (body: Buffer) => Promise<Answer | undefined>, tally: HostileTally): Promise<void> {
  const lines = segmentsOf(body).length;
  const answer = await send(body);
  if (answer?.status !== 200) {
    tally.wrong.push(`a request of ${lines} lines: answered ${answer?.status ?? "by nothing"} ${answer?.body.slice(0, 200)}`);
    return;
  }
  const { results } = JSON.parse(answer.body) as { results: { status: string }[] };
  tally.sent += lines;
  if (results.length !== lines) tally.wrong.push(`${lines} lines have ${results.length} answers`);
  countOutcomes(
    tally,
    results.map(({ status }) => status),
  );
}

const sound = Buffer.from('{"type":"Payment.PaymentReceived","data":{"PaymentAmount":1,"OccurredAt":"2026-01-01"}}\n');
const packed = gzipSync(sound);
const asGzip = { "content-encoding": "gzip" };

/** Nothing of these is received: refused at the door, with a reason. */
const bodies: readonly { what: string; body: Buffer; headers?: Record<string, string>; status: number }[] = [
  { what: "an empty body", body: Buffer.alloc(0), status: 400 },
  { what: "white space", body: Buffer.from(" \r\n\t\n"), status: 400 },
  { what: "no gzip", body: sound, headers: asGzip, status: 400 },
  { what: "a truncated gzip", body: packed.subarray(0, packed.length - 6), headers: asGzip, status: 400 },
  { what: "a damaged gzip", body: Buffer.concat([packed.subarray(0, 14), Buffer.alloc(20, 7)]), headers: asGzip, status: 400 },
  { what: "a gzip bomb", body: gzipSync(Buffer.alloc(64 * 1024 * 1024)), headers: asGzip, status: 413 },
  { what: "a body of 6 MiB", body: Buffer.alloc(6 * 1024 * 1024, 0x20), status: 413 },
  { what: "an encoding nobody knows", body: sound, headers: { "content-encoding": "br2" }, status: 415 },
  { what: "a media type nobody asked for", body: sound, headers: { "content-type": "text/html" }, status: 415 },
  { what: "a key of control characters", body: sound, headers: { "idempotency-key": "a b" }, status: 400 },
];
