import { dateOf, dayMs } from "../instants.ts";
import type { Random } from "../random.ts";

/** A line that intake has to put into quarantine, by the kind of its fault. */
export type Malformed = { readonly kind: string; readonly line: string };

/** One malformed line of a day (epoch ms); each kind as likely as the others. */
export function malformedLine(id: string, dayStart: number, random: Random): Malformed {
  const [kind, write] = random.pick(faults);
  return { kind, line: write(id, `${dateOf(dayStart)}T10:00:00Z`, dayStart, random) };
}

/** The same event with another body under its id: the first received stands. Undefined for an event that takes another back. */
export function conflictOf(line: string): string | undefined {
  const event = JSON.parse(line) as { data?: Record<string, unknown>; retracts?: string };
  if (event.data === undefined || event.retracts !== undefined) return undefined;
  const inner = (event.data.Payment ?? event.data) as Record<string, unknown>;
  if ("PaymentAmount" in inner) inner.PaymentAmount = 4321;
  else if ("SongId" in inner) inner.SongId = "30002-other";
  else inner.OccurredAt = "2024-12-24T12:00:00Z";
  return JSON.stringify(event);
}

type Fault = (id: string, at: string, dayStart: number, random: Random) => string;

const event = (id: string, type: string, data: object): string => JSON.stringify({ id, type, data });

const faults: readonly (readonly [string, Fault])[] = [
  [
    "negative_payment",
    (id, at, _, random) =>
      event(id, "Payment.PaymentReceived", {
        PaymentId: id,
        PaymentAmount: -random.int(1, 900),
        CustomerId: "1001",
        OccurredAt: at,
      }),
  ],
  [
    "location_without_customer",
    (id, at) => event(id, "Sale.LocationRegistered", { LocationId: id, Address: "12 Nowhere Lane", OccurredAt: at }),
  ],
  [
    "device_without_price",
    (id, at) =>
      event(id, "Logistic.DevicePurchased", { DeviceId: id, DeviceDetails: { DeviceName: "MusicMaker3000" }, OccurredAt: at }),
  ],
  [
    "wrong_body",
    (id, at) =>
      event(id, "Sale.LocationRegistered", {
        DeviceId: id,
        LocationAllocatedId: "5001",
        SellingAgent: { AgentId: 201, AgentName: "A. Body" },
        DeviceDetails: { DevicePrice: 2535, DeviceName: "MusicMaker3000", Id: id },
        OccurredAt: at,
      }),
  ],
  [
    "ambiguous_date",
    (id, _, dayStart) =>
      event(id, "Music.SongListened", { SongId: "30001", SongCompleted: true, OccurredAt: ambiguousDate(dayStart) }),
  ],
  [
    "broken_json",
    (id, at) =>
      `{"id":"${id}","type":"Payment.PaymentReceived","data":{"PaymentId":"${id}","OccurredAt":"${at}","PaymentAmount":`,
  ],
  ["unknown_type", (id, at) => event(id, "Music.SongSkipped", { SongId: "30001", OccurredAt: at })],
  [
    "future",
    (id) => event(id, "Music.SongListened", { SongId: "30001", SongCompleted: true, OccurredAt: "2199-01-01T00:00:00Z" }),
  ],
];

/** A date such as 03/04/2026, which could be read in two ways: month and day differ and neither is above 12. */
function ambiguousDate(dayStart: number): string {
  const day = 1 + (Math.floor(dayStart / dayMs) % 12);
  const date = dateOf(dayStart);
  const month = Number(date.slice(5, 7)) === day ? (day % 12) + 1 : Number(date.slice(5, 7));
  return `${String(month).padStart(2, "0")}/${String(day).padStart(2, "0")}/${date.slice(0, 4)}`;
}
