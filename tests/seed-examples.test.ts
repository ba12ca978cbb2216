import { describe, expect, test } from "vitest";
import { settled, testInstallation } from "../packages/domains/installation.testing.ts";
import { customer, location } from "../packages/domains/sent.testing.ts";
import { fixQuarantine, listQuarantine, readReceived, replay, showQuarantine, sourceBalances } from "../packages/events/index.ts";
import { pgExecutor } from "../packages/platform/index.ts";

const { open, take, takeReceived, ask, rows } = testInstallation();

// The example events as their author wrote them down: two with a comma too many, one whose latitude is a word.
const examples: Readonly<Record<string, string>> = {
  "Sale.CustomerRegistered": `{
  "CustomerId": "123",
  "CustomerName": "TESTNAME",
  "LegalAddress": "TESTADDRESS",
  "CustomerPhoneNumber": "TESTPHONE",
  "CustomerIdentityNumber": "TESTNUMBER",
  "OccurredAt": "01/01/01"
}`,
  "Sale.LocationRegistered": `{
  "LocationId": "123",
  "CustomerId": "456",
  "Latitude": "TESTLATITUDE",
  "Longitude": "TESTLONGITUDE",
  "Address": "TESTADDRESS",
  "ContactName": "TESTNAME",
  "ContactPhoneNumber": "TESTPHONE",
  "OccurredAt": "01/01/01"
}`,
  "Sale.DeviceAllocated": `{
  "DeviceId": "123",
  "LocationAllocatedId": "456",
  "SellingAgent": {
    "AgentId": "234",
    "AgentName": "TESTAGENT"
  },
  "DeviceDetails": {
    "DevicePrice": 2535,
    "DeviceName": "TESTNAME",
    "Id": "123",
  },
  "OccurredAt": "01/01/01"
}`,
  "Payment.PaymentReceived": `{
  "PaymentId": "123",
  "PaymentAmount": 640,
  "OccurredAt": "01/01/01"
}`,
  "Music.SongListened": `{
  "SongId": "123",
  "SongCompleted": true,
  "OccurredAt": "01/01/01"
}`,
  "Music.SongPublished": `{
  "SongId": "123",
  "SongDetails": {
    "ArtistName": "TESTNAME",
    "SongName": "TESTNAME",
    "AlbumName": "TESTNAME",
    "SongLength": 180,
    "SongSizeMb": 78,
  },
  "OccurredAt": "01/01/01"
}`,
  "Music.SongRemoved": `{
  "SongId": "123",
  "OccurredAt": "01/01/01"
}`,
  "Logistic.DevicePurchased": `{
  "DeviceId": "123",
  "DeviceDetails": {
    "DevicePrice": 250,
    "DeviceName": "TESTNAME",
    "Id": "123"
  },
  "OccurredAt": "01/01/01"
}`,
};

describe("the seed's example events, one step after the other", () => {
  test("come in as eight files of one body each: five load, three go to quarantine and say why", async () => {
    const total = { received: 0, logged: 0, duplicates: 0, quarantined: 0 };
    for (const [type, text] of Object.entries(examples)) {
      const summary = await takeReceived(readReceived(bytesOf(text), { format: "json", type }), { source: "seed" }, type);
      for (const name of ["received", "logged", "duplicates", "quarantined"] as const) total[name] += summary[name];
    }
    expect(total).toEqual({ received: 8, logged: 5, duplicates: 0, quarantined: 3 });
    expect(await held()).toEqual([
      "Music.SongPublished: trailing-comma at $.SongDetails",
      "Sale.DeviceAllocated: trailing-comma at $.DeviceDetails",
      "Sale.LocationRegistered: not-a-number at $.Latitude $.Longitude",
    ]);
  });

  test("answer what they can: cash received and spent, a play; the removal waits for its song", async () => {
    expect(await ask("cash-received")).toEqual([
      { period: "2001-01-01", currency: "USD", payments: 1, amount: "640.00", unattributed: "640.00" },
    ]);
    expect(await ask("cash-spent")).toEqual([{ period: "2001-01-01", currency: "USD", purchases: 1, amount: "250.00" }]);
    expect(await ask("agent-rewards")).toMatchObject([{ agent_id: null, plays: 1 }]);
    expect(await waiting()).toEqual(["Music.SongRemoved needs song 123"]);
  });

  test("the song, mended and replayed, is there, and releases its removal", async () => {
    expect(await mend("Music.SongPublished", withoutTrailingComma)).toEqual([]);
    expect(await waiting()).toEqual([]);
    expect(await rows("select song_id, song_name from marts.dim_songs")).toEqual([{ song_id: "123", song_name: "TESTNAME" }]);
  });

  test("the allocation, mended and replayed, waits for its location", async () => {
    expect(await mend("Sale.DeviceAllocated", withoutTrailingComma)).toEqual([]);
    expect(await waiting()).toEqual(["Sale.DeviceAllocated needs location 456"]);
    expect(await ask("total-sales")).toEqual([]);
  });

  test("the location, mended but for its longitude, would still be broken; it stays", async () => {
    expect(await mend("Sale.LocationRegistered", (text) => text.replace("TESTLATITUDE", "51.5"))).toMatchObject([
      { path: "$.Longitude", code: "not-a-number" },
    ]);
    expect(await held()).toEqual(["Sale.LocationRegistered: not-a-number at $.Longitude"]);
  });

  test("mended, it waits: it is location 123 of customer 456, and only customer 123 has registered", async () => {
    expect(
      await mend("Sale.LocationRegistered", (text) => text.replace("TESTLATITUDE", "51.5").replace("TESTLONGITUDE", "-0.1")),
    ).toEqual([]);
    expect(await held()).toEqual([]);
    expect(await waiting()).toEqual(["Sale.DeviceAllocated needs location 456", "Sale.LocationRegistered needs customer 456"]);
  });

  test("customer 456, registered, releases the location, but not the allocation: that is to location 456", async () => {
    await take([customer("456")], { source: "seed" });
    expect(await rows("select location_id, customer_id, latitude::text from marts.dim_locations")).toEqual([
      { location_id: "123", customer_id: "456", latitude: "51.5" },
    ]);
    expect(await waiting()).toEqual(["Sale.DeviceAllocated needs location 456"]);
  });

  test("location 456, registered, releases the allocation: all eight have loaded", async () => {
    await take([location("456", "123")], { source: "seed" });
    expect(await waiting()).toEqual([]);
    expect(await ask("total-sales")).toEqual([
      { period: null, currency: "USD", allocations: 1, sales: 0, revenue: "0.00", open: 1, outstanding: "2535.00" },
    ]);
    expect(await ask("agent-rewards")).toMatchObject([{ month: "2001-01-01", agent_id: null, plays: 1 }]);
  });

  test("ten were received, ten are logged, none is in quarantine, none is lost", async () => {
    const [balance] = await sourceBalances(pgExecutor(open().database.pg));
    expect(balance).toMatchObject({ source: "seed", received: 10, logged: 10, duplicates: 0, in_quarantine: 0, lost: 0 });
  });

  test("sent again as they were, the three broken ones are broken again; mended, they are known", async () => {
    for (const [type, text] of Object.entries(examples)) {
      await takeReceived(readReceived(bytesOf(text), { format: "json", type }), { source: "seed" }, type);
    }
    expect(await held()).toHaveLength(3);
    expect(await mend("Music.SongPublished", withoutTrailingComma)).toEqual([]);
    const [balance] = await sourceBalances(pgExecutor(open().database.pg));
    expect(balance).toMatchObject({ received: 18, logged: 10, duplicates: 6, in_quarantine: 2, lost: 0 });
  });
});

// Mends what of this type is in quarantine, as `jukebase quarantine fix` and `replay` do; gives the issues that are left.
async function mend(type: string, correct: (text: string) => string) {
  const db = pgExecutor(open().database.pg);
  const [item] = await listQuarantine(db, { type });
  if (item === undefined) throw new Error(`nothing of type ${type} is in quarantine`);
  const { received } = await showQuarantine(db, open().keys, item.quarantine_id);
  const issues = await fixQuarantine(open(), item.quarantine_id, correct(received ?? ""));
  const replayed = await replay(open(), { ids: [item.quarantine_id] });
  expect(replayed.left).toBe(issues.length === 0 ? 0 : 1);
  await settled(open());
  return issues;
}

function withoutTrailingComma(text: string): string {
  return text.replace(/,(?=\s*\})/, "");
}

async function held(): Promise<string[]> {
  const items = await listQuarantine(pgExecutor(open().database.pg));
  return items.map(({ type, reason, issues }) => `${type}: ${reason} at ${issues.map(({ path }) => path).join(" ")}`).sort();
}

async function waiting(): Promise<string[]> {
  const found = await rows("select type, needs_kind, needs_id from events.waiting order by type");
  return found.map(({ type, needs_kind, needs_id }) => `${type} needs ${needs_kind} ${needs_id}`);
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
