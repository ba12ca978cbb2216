import { Decimal } from "decimal.js";
import type { Facts } from "../truth/facts.ts";
import { type PlayTally, playTallies } from "../truth/play-tallies.ts";

type Json = Readonly<Record<string, unknown>>;
type Line = {
  readonly id: string;
  readonly type: string;
  readonly amends?: string;
  readonly retracts?: string;
  readonly data?: Json;
};

/** What plain reading finds in lines of the scenario: the facts as their senders spelt them, and the counts of intake. */
export type ReadBack = {
  readonly facts: Facts;
  readonly tallies: readonly PlayTally[];
  readonly duplicates: number;
  readonly refused: number;
};

/** Reads lines without anything of the generator's: the first of an id stands, `bad-` ids are faults, amended and retracted events fall. */
export function readBack(lines: readonly string[]): ReadBack {
  const first = new Map<string, { line: string; event: Line }>();
  let [duplicates, refused] = [0, 0];
  for (const line of lines) {
    if (line.startsWith('{"id":"bad-')) {
      refused += 1;
      continue;
    }
    const event = JSON.parse(line) as Line;
    const known = first.get(event.id);
    if (known === undefined) first.set(event.id, { line, event });
    else if (known.line === line) duplicates += 1;
    else refused += 1;
  }
  const accepted = [...first.values()].map(({ event }) => event);
  const fallen = new Set(accepted.flatMap((event) => [event.amends ?? event.retracts ?? []].flat()));
  const standing = accepted.filter((event) => event.retracts === undefined && !fallen.has(event.id));
  const facts = factsIn(standing);
  return { facts, tallies: talliesIn(standing, facts), duplicates, refused };
}

function factsIn(events: readonly Line[]): Facts {
  const of = <Fact>(type: string, read: (data: Json, head: { eventId: string; at: number }) => Fact): Fact[] =>
    events
      .filter((event) => event.type === type)
      .map((event) => {
        const data = (event.data?.Payment ?? event.data) as Json;
        return read(data, { eventId: event.id, at: instant(data.OccurredAt) });
      });
  return {
    customers: of("Sale.CustomerRegistered", (data, head) => ({ ...head, customerId: text(data.CustomerId) })),
    locations: of("Sale.LocationRegistered", (data, head) => ({
      ...head,
      locationId: text(data.LocationId),
      customerId: text(data.CustomerId),
    })),
    allocations: of("Sale.DeviceAllocated", (data, head) => {
      const [agent, terms] = [data.SellingAgent as Json, data.PaymentTerms as Json | undefined];
      return {
        ...head,
        ...device(data),
        locationId: text(data.LocationAllocatedId),
        agentId: text(agent.AgentId),
        agentName: text(agent.AgentName),
        terms: terms && {
          instalments: Number(terms.instalments),
          interval: terms.interval as "month",
          firstDue: text(terms.first_due),
        },
      };
    }),
    payments: of("Payment.PaymentReceived", (data, head) => ({
      ...head,
      ...price(data.PaymentAmount, data.Currency),
      paymentId: data.PaymentId === undefined ? undefined : text(data.PaymentId),
      customerId: data.CustomerId === undefined ? undefined : text(data.CustomerId),
      deviceId: data.DeviceId === undefined ? undefined : text(data.DeviceId),
    })),
    purchases: of("Logistic.DevicePurchased", (data, head) => ({ ...head, ...device(data) })),
    songs: of("Music.SongPublished", (data, head) => {
      const details = data.SongDetails as Json;
      return {
        ...head,
        songId: text(data.SongId),
        artist: text(details.ArtistName),
        name: text(details.SongName),
        album: undefined,
        seconds: seconds(details.SongLength),
      };
    }),
    removals: of("Music.SongRemoved", (data, head) => ({ ...head, songId: text(data.SongId) })),
  };
}

function talliesIn(events: readonly Line[], facts: Facts): readonly PlayTally[] {
  const lengths = new Map(facts.songs.map((song) => [song.songId, song.seconds]));
  const tallies = playTallies(facts);
  for (const { type, data } of events) {
    if (type !== "Music.SongListened" || data === undefined) continue;
    const completed =
      data.SongCompleted ?? Number(data.SongCompletedTime) >= (lengths.get(text(data.SongId)) ?? Number.POSITIVE_INFINITY);
    tallies.of(data.DeviceId === undefined ? undefined : text(data.DeviceId))(instant(data.OccurredAt), completed === true);
  }
  return tallies.rows();
}

function device(data: Json): { deviceId: string; product: string; price: string; currency: string } {
  const details = data.DeviceDetails as Json;
  const { amount, currency } = price(details.DevicePrice, details.Currency);
  return { deviceId: text(data.DeviceId), product: text(details.DeviceName), price: amount, currency };
}

function price(amount: unknown, currency: unknown): { amount: string; currency: string } {
  return {
    amount: new Decimal(text(amount).replaceAll(/[$,]/g, "")).toFixed(2),
    currency: currency === undefined ? "USD" : text(currency),
  };
}

function instant(sent: unknown): number {
  if (typeof sent === "number") return sent;
  const american = /^(\d\d)\/(\d\d)\/(\d{4}) (.+)$/.exec(String(sent));
  const iso = american === null ? String(sent) : `${american[3]}-${american[1]}-${american[2]}T${american[4]}Z`;
  return Temporal.Instant.from(iso).epochMilliseconds;
}

function seconds(length: unknown): number {
  return text(length)
    .split(":")
    .reduce((total, part) => total * 60 + Number(part), 0);
}

function text(value: unknown): string {
  return String(value).trim();
}
