import { columnsOf, viewName } from "@jukebase/events";
import { beforeAll, expect, test } from "vitest";
import { domains } from "./index.ts";
import { testInstallation } from "./installation.testing.ts";

const { take, rows } = testInstallation();

const at = { OccurredAt: "2025-01-10T10:00:00.123456+01:00" };
const DeviceDetails = { DevicePrice: "$1,250.50", DeviceName: " MusicMaker3000 ", Id: "mm3" };
const allocated = { DeviceId: 5, LocationAllocatedId: " 7 ", SellingAgent: { AgentId: "a" }, DeviceDetails, ...at };
const PaymentTerms = { instalments: "12", interval: "quarter", first_due: "2025-01-31" };
const registered = {
  CustomerId: 1,
  CustomerName: "Bar",
  CustomerEmail: "ann@example.com",
  CustomerDateOfBirth: "1987-06-05",
  ...at,
};
const located = { LocationId: 7, CustomerId: 1, Latitude: "51.50", ContactName: "Ann", ...at };
const published = {
  SongId: 1,
  SongDetails: { ArtistName: "It's {them}", SongName: 1999, SongLength: "4:18", SongSizeMb: 8.5 },
  ...at,
};

// A name, the type, the version it is read as, a body.
const cases: readonly (readonly [string, string, number, Record<string, unknown>])[] = [
  ["with everything", "Sale.CustomerRegistered", 1, { ...registered, LegalAddress: "1 High St", CustomerIdentityNumber: 4711 }],
  ["with the least", "Sale.CustomerRegistered", 1, { CustomerId: 1, CustomerName: "Bar", ...at }],
  [
    "with everything",
    "Sale.LocationRegistered",
    1,
    { ...located, Longitude: -0.1, Address: "2 High St", ContactPhoneNumber: "1" },
  ],
  ["with the least", "Sale.LocationRegistered", 1, { LocationId: 7, CustomerId: 1, ...at }],
  ["without terms", "Sale.DeviceAllocated", 1, allocated],
  ["with terms", "Sale.DeviceAllocated", 2, { ...allocated, PaymentTerms }],
  ["of nobody", "Payment.PaymentReceived", 1, { PaymentAmount: 0, ...at }],
  [
    "under Payment",
    "Payment.PaymentReceived",
    2,
    { Payment: { PaymentId: 9, PaymentAmount: "€5.10", DeviceId: 5, CustomerId: 1, ...at } },
  ],
  [
    "at home",
    "Logistic.DevicePurchased",
    1,
    { DeviceId: 5, DeviceDetails: { ...DeviceDetails, Currency: "JPY", DevicePrice: 900 }, ...at },
  ],
  ["without a device", "Music.SongListened", 1, { SongId: 1, SongCompleted: "false", ...at }],
  ["with a device", "Music.SongListened", 2, { SongId: 1, DeviceId: 5, SongCompletedTime: "4:18", ...at }],
  ["with a size", "Music.SongPublished", 1, published],
  ["once", "Music.SongRemoved", 1, { SongId: 1, ...at }],
];

const contracts = domains.flatMap(({ events }) => events);

beforeAll(async () => {
  await take(cases.map(([, type, , data], n) => ({ type, id: `case ${n}`, data })));
});

test.each(cases.map((each, n) => [...each, n] as const))(
  "an event %s has one row in SQL and in JavaScript: %s, version %d",
  async (_, type, version, __, n) => {
    const contract = contracts.find((each) => each.type === type);
    if (contract === undefined) throw new Error(`no contract of ${type}`);
    const [logged] = await rows("select log_id, version::int as version, data from events.log where event_id = $1", [
      `case ${n}`,
    ]);
    expect(logged?.version).toBe(version);
    const columns = contract.columns.map(({ name }) => `${name}::text`).join(", ");
    const seen = await rows(`select ${columns} from events.${viewName(type)} where log_id = $1`, [logged?.log_id]);
    expect(seen).toEqual([asText(columnsOf(contract, logged?.data as Record<string, unknown>, version))]);
  },
);

test("no contract and no version of one is left out", () => {
  const every = contracts.flatMap(({ type, versions }) => versions.map((version) => `${type} ${version}`));
  expect(new Set(cases.map(([, type, version]) => `${type} ${version}`))).toEqual(new Set(every));
});

function asText(row: Record<string, unknown>): Record<string, string | null> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]));
}
