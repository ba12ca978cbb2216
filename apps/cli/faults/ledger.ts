import type { Item } from "./traffic.ts";

/**
 * One request of a client: what it brings, and one thing more, its tracer: an event of a type that nobody knows. It goes to quarantine
 * each time that the request is committed, so counting it there tells how often that was, also when no answer came.
 */
export type Sending = { readonly tracer: string; readonly items: readonly Item[]; unknown: number };

/** What the server said of one item. */
export type Told = {
  readonly status: string;
  readonly id: string | null;
  readonly receipt?: string;
  readonly quarantine?: string;
  readonly issues?: readonly { readonly code: string }[];
};

/** What a client wrote down of one acknowledged request. `sound` counts what was accepted or a duplicate. */
export type Acknowledged = {
  readonly lines: number;
  readonly sound: number;
  readonly quarantined: number;
  readonly unknown: number;
};

/** The clients' own log of one source: all that is claimed about the server later stands on this and on nothing that the server keeps. */
export type Ledger = {
  /** Acknowledged requests by their tracers. */
  readonly requests: Map<string, Acknowledged>;
  /** Events that were acknowledged as logged (accepted or duplicate): their ids, and which body of theirs stands. */
  readonly logged: Map<string, number>;
  /** Items in quarantine that were acknowledged. */
  readonly quarantined: Set<string>;
  /** Poison that was acknowledged: events whose projection must fail. */
  readonly poison: Set<string>;
  /** Answers that cannot be right. */
  readonly wrong: string[];
};

/** An empty log. */
export function newLedger(): Ledger {
  return { requests: new Map(), logged: new Map(), quarantined: new Set(), poison: new Set(), wrong: [] };
}

/** Writes an acknowledgement down, item by item, the tracer last. */
export function acknowledge(ledger: Ledger, { tracer, items, unknown }: Sending, told: readonly Told[]): void {
  const count = { sound: 0, quarantined: 0 };
  items.forEach((item, place) => {
    const verdict = told[place] as Told;
    if (verdict.status === "accepted" || verdict.status === "duplicate") {
      count.sound += 1;
      noteLogged(ledger, item, verdict);
    } else {
      count.quarantined += 1;
      noteQuarantined(ledger, item, verdict);
    }
  });
  noteQuarantined(ledger, { line: Buffer.alloc(0), expect: "broken", id: undefined, variant: 0 }, told[items.length] as Told);
  count.quarantined += 1;
  ledger.requests.set(tracer, { lines: items.length + 1, unknown, ...count });
}

function noteLogged(ledger: Ledger, item: Item, { id, status }: Told): void {
  const known = item.id ?? id;
  if (known === null || item.expect === "broken") {
    ledger.wrong.push(`${status}, but broken: ${item.line.toString("latin1", 0, 80)}`);
    return;
  }
  const standing = ledger.logged.get(known);
  if (standing !== undefined && standing !== item.variant) ledger.wrong.push(`two bodies stand under ${known}`);
  ledger.logged.set(known, item.variant);
  if (known.startsWith("poison-")) ledger.poison.add(known);
}

function noteQuarantined(ledger: Ledger, item: Item, { status, quarantine, issues }: Told): void {
  if (status !== "quarantined" || quarantine === undefined) {
    ledger.wrong.push(`an answer nobody knows: ${status}`);
    return;
  }
  ledger.quarantined.add(quarantine);
  const isConflict = issues?.[0]?.code === "conflicting-duplicate";
  if (item.expect === "sound" || (item.expect === "contested" && !isConflict))
    ledger.wrong.push(`quarantined (${issues?.[0]?.code}), but sound: ${item.line.toString("utf8", 0, 120)}`);
}
