import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtDatabase } from "@jukebase/domains/built.testing.ts";
import { catchUp } from "@jukebase/domains/catch-up.ts";
import { type Jukebase, openJukebase } from "@jukebase/domains/open.ts";
import { declareSource, load, readReceived } from "@jukebase/events";
import { pgExecutor } from "@jukebase/platform";
import { fixedClock } from "@jukebase/testing";
import { createAdmin } from "./accounts.ts";
import { type RunningAdmin, startAdmin } from "./server.ts";

/** The account of the tests. */
export const ada = { email: "ada@example.com", password: "correct horse battery" } as const;

/** A console over a database of its own, with a small company in it; `clock` may be turned. */
export type World = {
  readonly jukebase: Jukebase;
  readonly admin: RunningAdmin;
  readonly failures: readonly Error[];
  readonly clock: { iso: string };
  readonly close: () => Promise<void>;
};

/** Opens a world; without `events` it is as empty as a new installation. */
export async function openWorld(events: readonly object[] = company): Promise<World> {
  const database = await builtDatabase();
  const home = await mkdtemp(join(tmpdir(), "jukebase-admin-"));
  const clock = { iso: "2026-03-15T12:00:00Z" };
  const config = {
    home,
    databaseUrl: database.url,
    key: undefined,
    host: "127.0.0.1",
    apiPort: 0,
    adminPort: 0,
    logLevel: "silent",
  } as const;
  const jukebase = await openJukebase(config, { clock: { now: () => fixedClock(clock.iso).now() } });
  await loadEvents(jukebase, events);
  await createAdmin(jukebase, ada.email, ada.password);
  const failures: Error[] = [];
  const admin = await startAdmin(jukebase, { host: "127.0.0.1", port: 0, onFailure: (failure) => failures.push(failure) });
  const close = async (): Promise<void> => {
    await admin.close();
    await jukebase.close();
    await database.drop();
    await rm(home, { recursive: true });
  };
  return { jukebase, admin, failures, clock, close };
}

/** Loads events of the source `shop`, and brings everything up to date. */
export async function loadEvents(jukebase: Jukebase, events: readonly object[]): Promise<void> {
  if (events.length === 0) return;
  const source = await declareSource(pgExecutor(jukebase.database.pg), "shop");
  const bytes = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  const input = (async function* () {
    yield bytes;
  })();
  await load(jukebase, readReceived(input, { format: "ndjson" }), { source, name: "company.ndjson" });
  await catchUp(jukebase);
}

const at = (day: string): string => `${day}T10:00:00Z`;
const device = (price: string, product: string) => ({ DevicePrice: price, DeviceName: product, Currency: "USD" });

/** The events of a small company; the last three break a rule. */
const company: readonly object[] = [
  {
    type: "Sale.CustomerRegistered",
    id: "c1",
    data: { CustomerId: "C1", CustomerName: "=North & Sons", OccurredAt: at("2026-01-02") },
  },
  { type: "Sale.LocationRegistered", id: "l1", data: { LocationId: "L1", CustomerId: "C1", OccurredAt: at("2026-01-03") } },
  ...["MusicMaker3000", "RetroSpin 88", "TuneBox Mini"].flatMap((product, n) => [
    {
      type: "Logistic.DevicePurchased",
      id: `b${n}`,
      data: { DeviceId: `D${n}`, DeviceDetails: device("400.10", product), OccurredAt: at("2026-01-04") },
    },
    {
      type: "Sale.DeviceAllocated",
      id: `a${n}`,
      data: {
        DeviceId: `D${n}`,
        LocationAllocatedId: "L1",
        SellingAgent: { AgentId: "A1", AgentName: "Bo <b>" },
        DeviceDetails: device("1000.50", product),
        OccurredAt: at(`2026-0${n + 1}-05`),
      },
    },
  ]),
  {
    type: "Payment.PaymentReceived",
    id: "p1",
    data: { PaymentAmount: "1000.50", Currency: "USD", DeviceId: "D0", OccurredAt: at("2026-01-20") },
  },
  {
    type: "Payment.PaymentReceived",
    id: "p2",
    data: { PaymentAmount: "1000.50", Currency: "USD", DeviceId: "D1", OccurredAt: at("2026-02-20") },
  },
  { type: "Payment.PaymentReceived", id: "p3", data: { PaymentAmount: "12.00", Currency: "EUR", OccurredAt: at("2026-02-21") } },
  { type: "Sale.LocationRegistered", id: "l2", data: { LocationId: "L2", CustomerId: "C9", OccurredAt: at("2026-02-22") } },
  {
    type: "Payment.PaymentReceived",
    id: "q1",
    data: { PaymentAmount: "-5.00", Currency: "USD", DeviceId: "D2", OccurredAt: at("2026-02-23") },
  },
  {
    type: "Payment.PaymentReceived",
    id: "q2",
    data: { PaymentAmount: "lots", Currency: "USD", DeviceId: "D2", OccurredAt: at("2026-02-24") },
  },
  { type: "Sale.Nonsense", id: "q3", data: { a: 1 } },
];
