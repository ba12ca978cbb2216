import { beforeEach, describe, expect, test } from "vitest";
import { testInstallation } from "./installation.testing.ts";
import { allocation, amended, customer, location, payment, purchase, retracted } from "./sent.testing.ts";

const { take, ask, rows, empty } = testInstallation();

const place = [customer("c"), location("l", "c")];
const otherPlace = [customer("k"), location("m", "k")];
const january = "2025-01-10T10:00:00Z";
const march = "2025-03-04T12:00:00Z";
const may = "2025-05-05T12:00:00Z";

beforeEach(empty);

describe("a device allocated", () => {
  test("twice at one instant is sold once, by what the newest of the two says", async () => {
    const twice = [
      { ...allocation("d", "l", january, { price: 90, agent: "bob" }), id: "2" },
      { ...allocation("d", "l", january), id: "1" },
    ];
    await take([...place, ...twice, payment("p", 90, march, { device: "d" })]);
    expect(await ask("total-sales")).toEqual([
      { period: null, currency: "USD", allocations: 1, sales: 1, revenue: "90.00", open: 0, outstanding: "0.00" },
    ]);
    expect(await rows("select agent_id from marts.fct_allocations")).toEqual([{ agent_id: "bob" }]);
  });

  test("again later is owed for twice", async () => {
    await take([...place, allocation("d", "l", january), allocation("d", "l", march, { price: 80 })]);
    expect(await ask("total-sales")).toMatchObject([{ allocations: 2, open: 2, outstanding: "180.00" }]);
  });

  test("and then said never to have been, leaves its payment unattributed", async () => {
    const allocated = allocation("d", "l", january);
    await take([...place, allocated, payment("p", 100, march, { device: "d" })]);
    await take([retracted(allocated)]);
    expect(await ask("total-sales")).toEqual([]);
    expect(await ask("cash-received")).toMatchObject([{ amount: "100.00", unattributed: "100.00" }]);
  });

  test("at a price corrected later is open for the difference", async () => {
    const allocated = allocation("d", "l", january);
    await take([...place, allocated, payment("p", 100, march, { device: "d" })]);
    await take([amended(allocated, { DeviceDetails: { DevicePrice: 120, DeviceName: "MusicMaker3000" } })]);
    expect(await ask("total-sales")).toMatchObject([{ sales: 0, revenue: "0.00", open: 1, outstanding: "20.00" }]);
  });
});

describe("an event whose parent has not come", () => {
  test("waits, and is released when the parent comes: allocation, then location, then customer", async () => {
    await take([allocation("d", "l", january), payment("p", 100, march, { device: "d" })]);
    expect(await waiting()).toEqual(["Sale.DeviceAllocated needs location l"]);
    await take([location("l", "c")]);
    expect(await waiting()).toEqual(["Sale.DeviceAllocated needs location l", "Sale.LocationRegistered needs customer c"]);
    expect(await ask("total-sales")).toEqual([]);
    await take([customer("c")]);
    expect(await waiting()).toEqual([]);
    expect(await ask("total-sales")).toMatchObject([{ sales: 1, revenue: "100.00" }]);
  });

  test("waits again when its parent is said never to have been", async () => {
    const registered = customer("c");
    await take([registered, location("l", "c"), allocation("d", "l", january)]);
    await take([retracted(registered)]);
    expect(await waiting()).toEqual(["Sale.DeviceAllocated needs location l", "Sale.LocationRegistered needs customer c"]);
    expect(await ask("total-sales")).toEqual([]);
  });

  test("has no parent in another namespace, and one in its own, whoever sent it", async () => {
    await take(place, { source: "crm", namespace: "house" });
    await take([allocation("d", "l", january)], { source: "foreign" });
    expect(await waiting()).toEqual(["Sale.DeviceAllocated needs location l"]);
    await take([allocation("d", "l", january)], { source: "till", namespace: "house" });
    expect(await ask("total-sales")).toMatchObject([{ allocations: 1 }]);
  });
});

describe("a location registered to another customer", () => {
  test("moves the debt there, and what the new customer pays pays it", async () => {
    await take([...place, ...otherPlace, allocation("d", "l", january)]);
    expect(await debts()).toEqual(["c owes 100"]);
    await take([location("l", "k", { OccurredAt: march }), payment("p", 100, may, { customer: "k" })]);
    expect(await debts()).toEqual(["k owes 0"]);
  });

  test("leaves what the old customer paid for no device as the old customer's credit", async () => {
    await take([...place, ...otherPlace, allocation("d", "l", january), payment("p", 100, january, { customer: "c" })]);
    expect(await debts()).toEqual(["c owes 0"]);
    await take([location("l", "k", { OccurredAt: march })]);
    expect(await debts()).toEqual(["k owes 100"]);
    expect(await rows("select payer_id, credit::text from marts.fct_payments")).toEqual([{ payer_id: "c", credit: "100" }]);
  });

  test("stays with the newest registration when an older one comes late", async () => {
    await take([...otherPlace, customer("c"), location("l", "k", { OccurredAt: march }), allocation("d", "l", january)]);
    await take([location("l", "c", { OccurredAt: january })]);
    expect(await debts()).toEqual(["k owes 100"]);
  });
});

describe("history", () => {
  test("says who held a device on any day", async () => {
    await take([...place, ...otherPlace, allocation("d", "l", january), allocation("d", "m", march)]);
    const holderOn = (day: string) =>
      rows(
        `select location_id, customer_id
         from marts.fct_allocations
         where device_id = 'd' and valid_from <= $1 and (valid_to is null or $1 < valid_to)`,
        [day],
      );
    expect(await holderOn("2025-01-01T00:00:00Z")).toEqual([]);
    expect(await holderOn(january)).toEqual([{ location_id: "l", customer_id: "c" }]);
    expect(await holderOn(march)).toEqual([{ location_id: "m", customer_id: "k" }]);
    expect(await holderOn("2030-01-01T00:00:00Z")).toEqual([{ location_id: "m", customer_id: "k" }]);
  });

  test("keeps sale and purchase prices of a product apart, and only where they changed", async () => {
    const sold = [allocation("a", "l", january), allocation("b", "l", march), allocation("d", "l", may, { price: "120.00" })];
    await take([...place, ...sold, purchase("a", january), purchase("b", march, { price: 65 })]);
    await take([allocation("late", "l", "2025-02-01T00:00:00Z", { price: 110 })]);
    expect(
      await rows(
        `select kind, price::text, valid_from::date::text as since, valid_to::date::text as until
         from marts.dim_product_prices
         order by kind desc, valid_from`,
      ),
    ).toEqual([
      { kind: "sale", price: "100", since: "2025-01-10", until: "2025-02-01" },
      { kind: "sale", price: "110", since: "2025-02-01", until: "2025-03-04" },
      { kind: "sale", price: "100", since: "2025-03-04", until: "2025-05-05" },
      { kind: "sale", price: "120", since: "2025-05-05", until: null },
      { kind: "purchase", price: "60", since: "2025-01-10", until: "2025-03-04" },
      { kind: "purchase", price: "65", since: "2025-03-04", until: null },
    ]);
  });

  test("knows what a customer was called when", async () => {
    await take([customer("c"), customer("c", { CustomerName: "New Name", OccurredAt: march })]);
    expect(
      await rows("select customer_name, valid_to::date::text as until from marts.dim_customer_versions order by valid_from"),
    ).toEqual([
      { customer_name: "Customer c", until: "2025-03-04" },
      { customer_name: "New Name", until: null },
    ]);
    expect(await rows("select customer_name, registered_at::date::text as since from marts.dim_customers")).toEqual([
      { customer_name: "New Name", since: "2024-01-01" },
    ]);
  });
});

describe("a product", () => {
  test("is known by its own id, and called what was said last", async () => {
    const named = (device: string, name: string, at: string) => {
      const event = allocation(device, "l", at);
      return { ...event, data: { ...event.data, DeviceDetails: { DevicePrice: 100, DeviceName: name, Id: "mm3" } } };
    };
    await take([...place, named("a", "MusicMaker 3000", january), named("b", "MusicMaker3000", march)]);
    expect(await rows("select product_id, product_name from marts.dim_products")).toEqual([
      { product_id: "mm3", product_name: "MusicMaker3000" },
    ]);
  });

  test("has none of the device's id", async () => {
    const event = purchase("7", january);
    await take([{ ...event, data: { ...event.data, DeviceDetails: { DevicePrice: 60, DeviceName: "Box", Id: 7 } } }]);
    expect(await rows("select product_id, product_name from marts.dim_products")).toEqual([
      { product_id: null, product_name: "Box" },
    ]);
  });
});

test("what tells of a person is in the vault, and nowhere in the marts", async () => {
  await take([
    customer("c", { CustomerEmail: "ann@example.com", CustomerDateOfBirth: "1987-06-05", LegalAddress: "1 High Street" }),
  ]);
  const [known] = await rows("select to_jsonb(dim_customers)::text as row from marts.dim_customers");
  expect(known?.row).toMatch(/example\.com.*|1980/);
  for (const secret of ["ann@", "1987", "High Street"]) {
    expect(known?.row).not.toContain(secret);
    expect(await rows("select from events.log where data::text like '%' || $1 || '%'", [secret])).toEqual([]);
  }
});

async function debts(): Promise<string[]> {
  const found = await rows("select customer_id, outstanding from marts.fct_sales order by allocated_at");
  return found.map(({ customer_id, outstanding }) => `${customer_id} owes ${outstanding}`);
}

async function waiting(): Promise<string[]> {
  const found = await rows("select type, needs_kind, needs_id from events.waiting order by type");
  return found.map(({ type, needs_kind, needs_id }) => `${type} needs ${needs_kind} ${needs_id}`);
}
