import type { IncomingMessage } from "node:http";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { type Received, type Source, take, type Verdict } from "@jukebase/events";
import type { z } from "zod";
import type { Budget } from "./budget.ts";
import { chooseSource } from "./choose-source.ts";
import { fromCloudEvent } from "./cloud-events.ts";
import type { DirectHandler } from "./direct.ts";
import type { Door } from "./door.ts";
import { keyedRequest, requireKey, TakenMeanwhile } from "./idempotency.ts";
import { mayType } from "./key-types.ts";
import { readBody } from "./read-body.ts";
import { receiveEvents, type Style, styleOf } from "./receive.ts";
import { Refusal } from "./refusal.ts";
import type { makeRoom } from "./room.ts";
import type { intakeAnswer, intakeResult } from "./schemas.ts";
import { sourcesOf } from "./sources.ts";
import { type Take, together } from "./together.ts";
import type { Caller } from "./verify-key.ts";

/** What stands around the intake: who may come in, how much, and for how long a body and the database may take. */
export type IntakeTools = {
  readonly door: Door;
  readonly budget: Budget;
  readonly room: ReturnType<typeof makeRoom>;
  readonly body_ms: number;
  readonly commit_ms: number;
};

type Answer = z.infer<typeof intakeAnswer>;

/** `POST /v1/events`: all of a request's events in one transaction; the answer means that they are committed. */
export function takeEvents(jukebase: Jukebase, { door, budget, room, body_ms, commit_ms }: IntakeTools): DirectHandler {
  const sourceOf = sourcesOf(jukebase);
  const takeIn = together(jukebase);
  return async (request, response, exchange) => {
    const admitted = door(request);
    const { caller, headers } = admitted instanceof Promise ? await admitted : admitted;
    exchange.caller = caller;
    exchange.headers = headers;
    const key = idempotencyKey(request);
    const style = styleOf(request);
    const stay = room.enter(Number(request.headers["content-length"] ?? 0));
    const work = async (): Promise<Answer> => {
      const read = { most: caller.body_bytes, time_ms: body_ms, hold: stay.holdBytes };
      const { bytes, sent } = await readBody(request, response, read);
      const received = await receiveEvents(request, bytes, style);
      budget.spend(caller, { events: received.length, bytes: sent });
      stay.holdEvents(received.length);
      const source = await sourceOf(chooseSource(caller, request.headers["jukebase-source"], received));
      const items = style.startsWith("cloud") ? received.map((one) => fromCloudEvent(one, source.source)) : received;
      if (key === undefined) return takeAllowed(caller, items, (allowed) => takeIn(allowed, { source }));
      return takeOnce(jukebase, { caller, source, key, items, body: bytes, about: aboutOf(request, style) });
    };
    const working = work();
    const done = (): void => stay.leave(); // Not before the work itself has ended: until then its events are in memory.
    working.then(done, done);
    return within(working, body_ms + commit_ms);
  };
}

function idempotencyKey({ headers }: IncomingMessage): string | undefined {
  const key = headers["idempotency-key"];
  if (typeof key === "string") requireKey(key);
  return typeof key === "string" ? key : undefined;
}

// In binary mode a CloudEvent's attributes are part of what was sent.
function aboutOf({ headers }: IncomingMessage, style: Style): string {
  if (style !== "cloud-binary") return style;
  return JSON.stringify(
    Object.entries(headers)
      .filter(([name]) => name.startsWith("ce-"))
      .sort(),
  );
}

type Once = {
  readonly caller: Caller;
  readonly source: Source;
  readonly key: string;
  readonly items: readonly Received[];
  readonly body: Uint8Array;
  readonly about: string;
};

// Under an Idempotency-Key the answer is kept with the events, and given again to the same request.
async function takeOnce(jukebase: Jukebase, { caller, source, key, items, body, about }: Once): Promise<Answer> {
  const keyed = keyedRequest(jukebase, { source: source.source, key, body, about });
  const known = await keyed.known();
  if (known !== undefined) return known as Answer;
  let answer: Answer | undefined;
  const takeThem = (allowed: readonly Received[]): Promise<Verdict[]> =>
    take(jukebase, allowed, {
      source,
      scope: key,
      settle: async (db, verdicts) => {
        answer = answerOf(items, caller, verdicts);
        await keyed.keep(db, answer);
      },
    });
  try {
    return await takeAllowed(caller, items, takeThem);
  } catch (failure) {
    if (!(failure instanceof TakenMeanwhile)) throw failure;
    const theirs = await keyed.known();
    if (theirs === undefined) throw failure;
    return theirs as Answer;
  }
}

async function takeAllowed(
  caller: Caller,
  items: readonly Received[],
  takeThem: (allowed: readonly Received[]) => ReturnType<Take>,
): Promise<Answer> {
  const allowed = caller.types === null ? items : items.filter((item) => isAllowed(item, caller));
  return answerOf(items, caller, allowed.length === 0 ? [] : await takeThem(allowed));
}

function isAllowed({ outcome }: Received, { types }: Caller): boolean {
  return !outcome.ok || mayType(types, outcome.envelope.type);
}

function answerOf(items: readonly Received[], caller: Caller, verdicts: readonly Verdict[]): Answer {
  const counts = { accepted: 0, duplicate: 0, quarantined: 0, refused: 0 };
  let next = 0;
  const results = items.map((item, index) => {
    const result = isAllowed(item, caller) ? resultOf(verdicts[next++] as Verdict, index) : refusedResult(item, index);
    counts[result.status] += 1;
    return result;
  });
  const { accepted, duplicate: duplicates, quarantined, refused } = counts;
  return { received: verdicts.length, accepted, duplicates, quarantined, refused, results };
}

function resultOf(verdict: Verdict, index: number): z.infer<typeof intakeResult> {
  if (verdict.outcome === "quarantined") {
    const { id = null, quarantine, issues, discardedBy } = verdict;
    const held = { index, status: "quarantined" as const, id, receipt: quarantine, quarantine, issues: [...issues] };
    return discardedBy === undefined
      ? { ...held, reason: issues[0]?.code ?? "broken" }
      : { ...held, reason: "discarded-row", resolution: `${discardedBy} ${keptAsDiscarded}` };
  }
  const { outcome: status, id, key: receipt } = verdict;
  return status === "duplicate" ? { index, status, id, receipt, duplicate: true } : { index, status, id, receipt };
}

const keptAsDiscarded = "It is kept in quarantine, marked as discarded: nobody is asked to mend it, and no replay takes it.";

// Neither received nor kept: this key has no say in such events.
function refusedResult({ outcome }: Received, index: number): z.infer<typeof intakeResult> {
  const { id, type } = outcome.ok ? outcome.envelope : {};
  const said = typeof id === "string" || typeof id === "number" ? String(id) : null;
  const rule = `This key may not send ${String(type)}: send it with a key that may, or have this one's types widened.`;
  return {
    index,
    status: "refused",
    id: said,
    reason: "type-not-allowed",
    issues: [{ path: "$.type", code: "type-not-allowed", rule }],
  };
}

// A database that hangs must not keep a client for ever. The work itself goes on: whether it ends well is not known then.
function within<T>(work: Promise<T>, limit_ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const words = "The database did not answer in time, so whether the events are committed is not known. Send the same again.";
      reject(new Refusal("unavailable", words, { "retry-after": "5" }));
    }, limit_ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
