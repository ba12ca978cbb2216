import { columnsOf } from "@jukebase/events/contracts/index.ts";
import type { Dialect, EventContract } from "@jukebase/platform/contract.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  customerRegistered,
  deviceAllocated,
  devicePurchased,
  locationRegistered,
  paymentReceived,
  salesEvents,
} from "./events.ts";

const dialect: Dialect = { timeZone: "UTC", currency: "USD" };
const at = { OccurredAt: "01/01/01" };

const acceptedBody = (contract: EventContract, body: unknown, version?: number) => {
  const result = contract.normalise(body, version, undefined, dialect);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
};

const issuesOf = (contract: EventContract, body: unknown, version?: number) => {
  const result = contract.normalise(body, version, undefined, dialect);
  return result.ok ? [] : result.issues.map(({ path, code }) => `${path} ${code}`);
};

const customer = { CustomerId: "123", CustomerName: "TESTNAME", ...at };
const location = { LocationId: "123", CustomerId: "456", Address: "TESTADDRESS", ...at };
const allocation = {
  DeviceId: "123",
  LocationAllocatedId: "456",
  SellingAgent: { AgentId: "234", AgentName: "TESTAGENT" },
  DeviceDetails: { DevicePrice: 2535, DeviceName: "TESTNAME", Id: "123" },
  ...at,
};
const payment = { PaymentId: "123", PaymentAmount: 640, ...at };
const purchase = { DeviceId: "123", DeviceDetails: { DevicePrice: 250, DeviceName: "TESTNAME", Id: "123" }, ...at };

describe("the seed's own examples meet their fate", () => {
  test.each([
    [customerRegistered, customer],
    [deviceAllocated, allocation],
    [paymentReceived, payment],
    [devicePurchased, purchase],
  ])("$type of 01/01/01 happened on 1 January 2001", (contract, body) => {
    expect(acceptedBody(contract, body)).toMatchObject({ version: 1, occurredAt: "2001-01-01T00:00:00Z" });
  });

  test("a location at TESTLATITUDE goes to quarantine", () => {
    const sent = {
      ...location,
      Latitude: "TESTLATITUDE",
      Longitude: "TESTLONGITUDE",
      ContactName: "TESTNAME",
      ContactPhoneNumber: "TESTPHONE",
    };
    expect(issuesOf(locationRegistered, sent)).toEqual(["$.Latitude not-a-number", "$.Longitude not-a-number"]);
  });
});

describe("a customer", () => {
  const whole = {
    ...customer,
    LegalAddress: "1 High St",
    CustomerPhoneNumber: "TESTPHONE",
    CustomerIdentityNumber: 4711,
    CustomerEmail: "ann@example.com",
    CustomerDateOfBirth: "1987-06-05",
  };

  test("leaves only an e-mail domain and a birth decade in the log", () => {
    const value = acceptedBody(customerRegistered, whole);
    expect(value.data).toEqual({
      CustomerId: "123",
      CustomerName: "TESTNAME",
      CustomerEmailDomain: "example.com",
      CustomerBirthDecade: 1980,
      OccurredAt: "2001-01-01T00:00:00Z",
    });
    expect(value.subject).toBe("customer:123");
    expect(value.pii.map(({ path, kind, value }) => [path, kind, value])).toEqual([
      ["$.LegalAddress", "address", "1 High St"],
      ["$.CustomerPhoneNumber", "phone", "TESTPHONE"],
      ["$.CustomerIdentityNumber", "identity-number", "4711"],
      ["$.CustomerEmail", "email", "ann@example.com"],
      ["$.CustomerDateOfBirth", "birth-date", "1987-06-05"],
    ]);
  });

  test("has a view column for each field, tokens where it tells of a person", () => {
    expect(customerRegistered.columns.map(({ name, sql, pii }) => `${name} ${sql}${pii ? " token" : ""}`)).toEqual([
      "customer_id text",
      "customer_name text",
      "legal_address text token",
      "customer_phone_number text token",
      "customer_identity_number text token",
      "customer_email text token",
      "customer_email_domain text",
      "customer_date_of_birth text token",
      "customer_birth_decade integer",
    ]);
  });
});

describe("a location", () => {
  test("has a customer", () => {
    const { CustomerId: _, ...orphan } = location;
    expect(issuesOf(locationRegistered, orphan)).toEqual(["$.CustomerId missing"]);
    expect(issuesOf(locationRegistered, { ...location, CustomerId: "" })).toEqual(["$.CustomerId empty"]);
  });

  test("is not the body of an allocation that came under its type", () => {
    expect(issuesOf(locationRegistered, allocation)).toEqual(["$.LocationId missing", "$.CustomerId missing"]);
  });

  test("keeps its contact in the vault, under the location", () => {
    const value = acceptedBody(locationRegistered, { ...location, Latitude: 51.5, ContactName: "Ann", ContactPhoneNumber: "1" });
    expect(value).toMatchObject({ subject: "location:123", data: { Latitude: "51.5" } });
    expect(value.pii.map(({ path }) => path)).toEqual(["$.ContactName", "$.ContactPhoneNumber"]);
  });

  test("waits for its customer", () => {
    expect(locationRegistered.needs).toEqual([{ kind: "customer", column: "customer_id" }]);
  });
});

describe("a device", () => {
  test.each([
    [250, "250"],
    ["250.00", "250"],
    ["$500", "500"],
    ["1,250.00", "1250"],
  ])("at %j costs %s US dollars", (DevicePrice, price) => {
    const body = { ...purchase, DeviceDetails: { ...purchase.DeviceDetails, DevicePrice } };
    expect(columnsOf(devicePurchased, acceptedBody(devicePurchased, body).data)).toMatchObject({
      device_price: price,
      currency: "USD",
    });
  });

  test.each([5, "5", " 5 "])("of id %j is device 5", (DeviceId) => {
    expect(columnsOf(devicePurchased, acceptedBody(devicePurchased, { ...purchase, DeviceId }).data)).toMatchObject({
      device_id: "5",
    });
  });

  test.each([deviceAllocated, devicePurchased])("has a price: $type", (contract) => {
    const { DevicePrice: _, ...priceless } = allocation.DeviceDetails;
    expect(issuesOf(contract, { ...allocation, DeviceDetails: priceless })).toEqual(["$.DeviceDetails.DevicePrice missing"]);
    expect(issuesOf(contract, { ...allocation, DeviceDetails: { ...priceless, DevicePrice: 0 } })).toEqual([
      "$.DeviceDetails.DevicePrice not-positive",
    ]);
  });

  test("has its own id and its details' id in two columns", () => {
    const row = columnsOf(deviceAllocated, acceptedBody(deviceAllocated, { ...allocation, DeviceId: "9" }).data);
    expect(row).toMatchObject({ device_id: "9", device_details_id: "123", agent_id: "234", location_allocated_id: "456" });
  });
});

describe("an allocation", () => {
  const PaymentTerms = { instalments: "12", interval: "month", first_due: "31/01/2024" };

  test("with payment terms is of version 2", () => {
    const value = acceptedBody(deviceAllocated, { ...allocation, PaymentTerms });
    expect(value.version).toBe(2);
    expect(columnsOf(deviceAllocated, value.data)).toMatchObject({
      instalments: 12,
      instalment_interval: "month",
      first_due: "2024-01-31",
    });
  });

  test("of version 1 has the columns of version 2, without terms", () => {
    const value = acceptedBody(deviceAllocated, allocation);
    expect(value.version).toBe(1);
    const row = columnsOf(deviceAllocated, value.data, 1);
    expect(Object.keys(row)).toEqual(deviceAllocated.columns.map(({ name }) => name));
    expect(row).toMatchObject({ device_price: "2535", instalments: null, instalment_interval: null, first_due: null });
  });

  test("has terms that can be kept", () => {
    const broken = { instalments: 0, interval: "day" };
    expect(issuesOf(deviceAllocated, { ...allocation, PaymentTerms: broken })).toEqual([
      "$.PaymentTerms.instalments out-of-range",
      "$.PaymentTerms.interval not-in-list",
      "$.PaymentTerms.first_due missing",
    ]);
  });
});

describe("a payment", () => {
  test("is of version 2 when it says from whom or for what", () => {
    const versions = [payment, { ...payment, CustomerId: 1 }, { ...payment, DeviceId: 1 }, { ...payment, CustomerId: null }];
    expect(versions.map((body) => acceptedBody(paymentReceived, body).version)).toEqual([1, 2, 2, 1]);
  });

  test("of version 2 names a customer or a device", () => {
    expect(issuesOf(paymentReceived, payment, 2)).toEqual(["$ missing"]);
  });

  test("of version 1 has the columns of version 2, of nobody", () => {
    const row = columnsOf(paymentReceived, acceptedBody(paymentReceived, payment).data, 1);
    expect(row).toEqual({ payment_id: "123", payment_amount: "640", currency: "USD", customer_id: null, device_id: null });
  });

  test("may stand under Payment", () => {
    const value = acceptedBody(paymentReceived, { Payment: { ...payment, CustomerId: 7 }, Extra: 1 });
    expect(value).toMatchObject({ version: 2, data: { PaymentAmount: "640", CustomerId: "7" }, unknown: { Extra: 1 } });
  });

  test("is not negative, but may be of nothing and without an id", () => {
    expect(issuesOf(paymentReceived, { ...payment, PaymentAmount: -5 })).toEqual(["$.PaymentAmount negative"]);
    expect(issuesOf(paymentReceived, { Payment: { ...payment, PaymentAmount: "-$5" } })).toEqual([
      "$.Payment.PaymentAmount negative",
    ]);
    expect(acceptedBody(paymentReceived, { PaymentAmount: 0, ...at }).data).toMatchObject({ PaymentAmount: "0" });
  });

  test("may precede its device and its customer", () => {
    expect([paymentReceived.needs, paymentReceived.refers.map(({ kind }) => kind)]).toEqual([[], ["device", "customer"]]);
  });
});

test.each(salesEvents)("no JSON whatever makes $type throw", (contract) => {
  const names = contract.columns.map(({ path }) => path[0] ?? "");
  const body = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...names, "OccurredAt", "Payment"), fc.jsonValue()));
  fc.assert(
    fc.property(body, (sent) => {
      expect(contract.normalise(sent, undefined, "2024-01-01", dialect)).toHaveProperty("ok");
    }),
    { numRuns: 2000 },
  );
});
