import { fixQuarantine, listQuarantine, readReceived, replay } from "../packages/events/index.ts";
import { pgExecutor } from "../packages/platform/index.ts";
import { describe, expect, test } from "vitest";
import { settled, testInstallation } from "../packages/domains/installation.testing.ts";
import { customer, location } from "../packages/domains/sent.testing.ts";

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
  test("come in as eight files of one body each: five load, three go to quarantine", async () => {
    const total = { received: 0, logged: 0, duplicates: 0, quarantined: 0 };
    for (const [type, text] of Object.entries(examples)) {
      const summary = await takeReceived(readReceived(bytesOf(text), { format: "json", type }), { source: "seed" }, type);
      for (const name of ["received", "logged", "duplicates", "quarantined"] as const) total[name] += summary[name];
    }
    expect(total).toEqual({ received: 8, logged: 5, duplicates: 0, quarantined: 3 });
    const held = await quarantined();
    expect(held).toMatchInlineSnapshot(`
      [
        [
          "Music.SongPublished",
          "trailing-comma",
          "$.SongDetails",
        ],
        [
          "Sale.DeviceAllocated",
          "trailing-comma",
          "$.DeviceDetails",
        ],
        [
          "Sale.LocationRegistered",
          "not-a-number",
          "$.Latitude $.Longitude",
        ],
      ]
    `);
  });
});

async function quarantined() {
  const items = await listQuarantine(pgExecutor(open().database.pg));
  return items.map(({ type, reason, issues }) => [type, reason, issues.map(({ path }) => path).join(" ")]);
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
