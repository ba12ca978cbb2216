import type { ContractIssue, EventContract, NormalisedBody } from "@jukebase/platform";
import { byMode, type DiscardedValues, type Settled, unknownTypeDiscardedBy } from "./by-mode.ts";
import type { ModeBook } from "./contracts/modes.ts";
import { isVersion, modelNamed, modelOf } from "./contracts/schemaver.ts";
import { bodyHash } from "./identity.ts";
import type { Keys } from "./keys.ts";
import type { Source } from "./source.ts";
import type { RawEnvelope, Received } from "./sources/index.ts";

/** An event that kept its contract, before it has an identity in the log. */
export type Sound = {
  readonly sound: true;
  readonly type: string;
  readonly id: string | undefined;
  readonly contract: EventContract;
  readonly body: NormalisedBody;
  /** Keyed hash of the event as parsed. */
  readonly hash: string;
  /** What tells equal facts, and equal states: the same hash, for observations without the time at which it was seen. */
  readonly content: string;
  readonly amends: string | undefined;
  readonly retracts: string | undefined;
  /** What a mode took out of it, to be kept in quarantine beside the logged event. */
  readonly discarded?: DiscardedValues | undefined;
  /** Replays: which of the equal ones of its load it was, among what, and when it was first received. */
  readonly again?: { readonly occurrence: number; readonly scope: string; readonly receivedAt: string };
  readonly received: Received;
};

/** Something received that no contract accepts. */
export type Broken = {
  readonly sound: false;
  readonly type: string | undefined;
  readonly id: string | undefined;
  readonly reason: string;
  readonly issues: readonly ContractIssue[];
  readonly version: number | undefined;
  /** Which mode discards it at once, in a sentence; else it stays open. */
  readonly discardedBy?: string | undefined;
  readonly received: Received;
};

/** What became of judging one item. */
export type Judged = Sound | Broken;

/** What judging needs to know. `receivedAt` is the batch's receipt time. */
export type Bench = {
  readonly contracts: ReadonlyMap<string, EventContract>;
  readonly source: Source;
  readonly keys: Keys;
  readonly receivedAt: Date;
  /** The type of what says none itself (a file of bare bodies). */
  readonly type?: string | undefined;
  /** What becomes of that which contracts do not foresee, where something was set; see `modesNow`. */
  readonly modes?: ModeBook | undefined;
};

const latest_ms = 24 * 60 * 60 * 1000;

/** Whether one received item keeps its contract; a value either way, never an exception for bad input. */
export function judge(received: Received, bench: Bench): Judged {
  if (!received.outcome.ok) return broken(received, { type: bench.type }, received.outcome.issues);
  const envelope = received.outcome.envelope;
  const issues = envelopeIssues(envelope, bench);
  if (issues.length > 0) return broken(received, envelope, issues, undefined, discardedUnknown(issues, envelope, bench));
  const contract = bench.contracts.get(envelope.type as string) as EventContract;
  return envelope.retracts !== undefined
    ? retraction(received, envelope, contract, bench)
    : fact(received, envelope, contract, bench);
}

function fact(received: Received, envelope: RawEnvelope, contract: EventContract, bench: Bench): Judged {
  const time = envelope.time as string | undefined;
  const { dialect } = bench.source;
  const asSent = contract.normalise(envelope.data, modelNamed(contract, envelope.version), time, dialect);
  const verdict: Settled =
    bench.modes === undefined
      ? asSent
      : byMode(asSent, {
          contract,
          body: envelope.data,
          book: bench.modes,
          again: (body, version) => contract.normalise(body, version, time, dialect),
        });
  if (!verdict.ok) return broken(received, envelope, verdict.issues, verdict.version, verdict.discardedBy);
  const ahead_ms = Date.parse(verdict.value.occurredAt) - bench.receivedAt.getTime();
  if (ahead_ms > latest_ms) return broken(received, envelope, [fromTheFuture], verdict.value.version);
  const event = sound(received, envelope, contract, verdict.value, bench);
  return verdict.discarded === undefined ? event : { ...event, discarded: verdict.discarded };
}

// A retraction says only which event never happened; whatever else it carries is kept sealed, as any unknown field.
function retraction(received: Received, envelope: RawEnvelope, contract: EventContract, bench: Bench): Judged {
  const carried =
    envelope.data !== null && typeof envelope.data === "object" ? (envelope.data as Record<string, unknown>) : undefined;
  const body: NormalisedBody = {
    version: contract.version,
    occurredAt: bench.receivedAt.toISOString(),
    data: {},
    sent: {},
    pii: [],
    subject: undefined,
    unknown: carried && Object.keys(carried).length > 0 ? carried : undefined,
  };
  return sound(received, envelope, contract, body, bench);
}

function sound(received: Received, envelope: RawEnvelope, contract: EventContract, body: NormalisedBody, bench: Bench): Sound {
  const hash = contentHash(bench.keys, envelope);
  const isState = bench.source.kind === "observations";
  return {
    sound: true,
    type: contract.type,
    id: textOf(envelope.id),
    contract,
    body: withStrangers(body, envelope),
    hash,
    content: isState ? contentHash(bench.keys, { ...envelope, time: undefined }) : hash,
    amends: textOf(envelope.amends),
    retracts: textOf(envelope.retracts),
    received,
  };
}

/** A keyed hash of an envelope as parsed, without its id: what two equal events without ids have in common. */
export function contentHash(keys: Keys, { type, version, time, data, amends, retracts }: RawEnvelope): string {
  // In the order of their names, as `canonical` writes an object.
  return bodyHash(keys, { amends: textOf(amends), data, retracts: textOf(retracts), time, type, version: modelOf(version) });
}

const envelopeNames = new Set(["type", "id", "source", "version", "time", "amends", "retracts", "data"]);

// What an envelope carries beyond its own members is kept like unknown fields of the body: sealed.
function withStrangers(body: NormalisedBody, envelope: RawEnvelope): NormalisedBody {
  const strangers = Object.keys(envelope).filter((name) => !envelopeNames.has(name));
  if (strangers.length === 0) return body;
  const carried = Object.fromEntries(strangers.map((name) => [name, envelope[name as keyof RawEnvelope]]));
  return { ...body, unknown: { ...body.unknown, $envelope: carried } };
}

function broken(
  received: Received,
  envelope: RawEnvelope | undefined,
  issues: readonly ContractIssue[],
  version?: number,
  discardedBy?: string,
): Broken {
  const type = typeof envelope?.type === "string" ? envelope.type.slice(0, 200).toWellFormed() : undefined;
  const id = envelope && idIsText(envelope.id) ? textOf(envelope.id) : undefined;
  return { sound: false, type, id, reason: issues[0]?.code ?? "broken", issues, version, discardedBy, received };
}

// Only an unknown type and nothing else: what is wrong besides would be wrong under any contract, and somebody should see it.
function discardedUnknown(issues: readonly ContractIssue[], { type }: RawEnvelope, { modes }: Bench): string | undefined {
  return issues.every(({ code }) => code === "unknown-type") ? unknownTypeDiscardedBy(modes, type) : undefined;
}

const fromTheFuture: ContractIssue = {
  path: "$.OccurredAt",
  code: "in-the-future",
  rule: "An event may not lie more than 24 hours after its receipt; correct its time and replay it.",
};

const changes = ["amends", "retracts"] as const;

function envelopeIssues(envelope: RawEnvelope, bench: Bench): ContractIssue[] {
  const issues: ContractIssue[] = [];
  const refuse = (path: string, code: string, rule: string): void => {
    issues.push({ path, code, rule });
  };
  if (typeof envelope.type !== "string") {
    refuse("$.type", "no-type", "An event says its type, for example Sale.CustomerRegistered; see `jukebase contracts list`.");
  } else if (!bench.contracts.has(envelope.type)) {
    refuse("$.type", "unknown-type", "No contract describes this type; see `jukebase contracts list`.");
  }
  if (envelope.id !== undefined && !idIsText(envelope.id)) {
    refuse("$.id", "bad-id", "An event's id is a text of 1 to 200 characters or a whole number.");
  }
  for (const name of changes) {
    if (envelope[name] !== undefined && !idIsText(envelope[name])) {
      refuse(`$.${name}`, "bad-id", `"${name}" names one event of the same source by its id.`);
    }
  }
  if (envelope.amends !== undefined && envelope.retracts !== undefined) {
    refuse("$.retracts", "amends-and-retracts", "An event amends one or retracts one, not both.");
  }
  if (envelope.source !== undefined && envelope.source !== bench.source.source) {
    refuse(
      "$.source",
      "wrong-source",
      `This load speaks for the source "${bench.source.source}"; load other sources by themselves.`,
    );
  }
  if (envelope.version !== undefined && !isVersion(envelope.version)) {
    refuse(
      "$.version",
      "bad-version",
      "A version is a whole number (2) or its full name (2-0-1), as `jukebase contracts show` lists them.",
    );
  }
  if (envelope.time !== undefined && typeof envelope.time !== "string") {
    refuse("$.time", "bad-time", "The envelope's time is an ISO 8601 text.");
  }
  return issues;
}

function idIsText(id: unknown): boolean {
  if (typeof id === "number") return Number.isInteger(id);
  return typeof id === "string" && id.trim().length > 0 && id.length <= 200;
}

function textOf(id: unknown): string | undefined {
  return id === undefined ? undefined : String(id).trim();
}
