import { beforeEach, describe, expect, test } from "vitest";
import { testInstallation } from "./installation.testing.ts";
import { allocation, amended, customer, location, payment, retracted } from "./sent.testing.ts";

const { take, ask, rows, empty } = testInstallation();

const place = [customer("c"), location("l", "c")];
const january = "2025-01-10T10:00:00Z";
const february = "2025-02-03T12:00:00Z";
const march = "2025-03-04T12:00:00Z";

beforeEach(empty);

describe("a device is sold", () => {
  test("at the instant of the payment that is its price exactly", async () => {
    await take([...place, allocation("d", "l", january), payment("p", "100.00", february, { device: "d" })]);
    expect(await sales()).toEqual(["d sold 100 of 100 at 2025-02-03 12:00:00+00"]);
    expect(await ask("total-sales", { grain: "all" })).toEqual([
      { period: null, currency: "USD", allocations: 1, sales: 1, revenue: "100.00", open: 0, outstanding: "0.00" },
    ]);
  });

  test("at its allocation when it was paid for before", async () => {
    await take([...place, allocation("d", "l", february), payment("p", 100, january, { device: "d" })]);
    expect(await sales()).toEqual(["d sold 100 of 100 at 2025-02-03 12:00:00+00"]);
    expect(await payments()).toEqual(["p by device: 100 applied, 0 credit, 0 unattributed"]);
  });

  test("when instalments reach its price, not before", async () => {
    const parts = ["33.34", "33.33", "33.32"].map((amount, n) =>
      payment(`p${n}`, amount, `2025-0${n + 2}-01T00:00:00Z`, { device: "d" }),
    );
    await take([...place, allocation("d", "l", january), ...parts]);
    expect(await sales()).toEqual(["d open 99.99 of 100"]);
    await take([payment("last", "0.01", "2025-06-01T00:00:00Z", { device: "d" })]);
    expect(await sales()).toEqual(["d sold 100.00 of 100 at 2025-06-01 00:00:00+00"]);
  });

  test("by two payments that arrive in the wrong order, at the later of their times", async () => {
    await take([...place, allocation("d", "l", january), payment("late", 60, march, { device: "d" })]);
    await take([payment("early", 40, february, { device: "d" })]);
    expect(await sales()).toEqual(["d sold 100 of 100 at 2025-03-04 12:00:00+00"]);
  });

  test("by what the device and what the customer paid together", async () => {
    await take([
      ...place,
      allocation("d", "l", january),
      payment("p1", 70, february, { customer: "c" }),
      payment("p2", 30, march, { device: "d" }),
    ]);
    expect(await sales()).toEqual(["d sold 100 of 100 at 2025-03-04 12:00:00+00"]);
  });
});

describe("what is paid too much", () => {
  test("for a device is credit of its customer, and pays no other device", async () => {
    await take([
      ...place,
      allocation("d", "l", january),
      allocation("other", "l", january),
      payment("p", "130.50", february, { device: "d" }),
    ]);
    expect(await sales()).toEqual(["d sold 100 of 100 at 2025-02-03 12:00:00+00", "other open 0 of 100"]);
    expect(await payments()).toEqual(["p by device: 100 applied, 30.5 credit, 0 unattributed"]);
  });

  test("by a second payment is all credit", async () => {
    await take([
      ...place,
      allocation("d", "l", january),
      payment("p1", 100, february, { device: "d" }),
      payment("p2", 100, march, { device: "d" }),
    ]);
    expect(await payments()).toEqual([
      "p1 by device: 100 applied, 0 credit, 0 unattributed",
      "p2 by device: 0 applied, 100 credit, 0 unattributed",
    ]);
  });

  test("by a customer is credit that the next allocation takes, for it is not yet placed", async () => {
    await take([...place, payment("p", 150, january, { customer: "c" })]);
    expect(await payments()).toEqual(["p by customer: 0 applied, 150 credit, 0 unattributed"]);
    await take([allocation("d", "l", march)]);
    expect(await sales()).toEqual(["d sold 100 of 100 at 2025-03-04 12:00:00+00"]);
    expect(await payments()).toEqual(["p by customer: 100 applied, 50 credit, 0 unattributed"]);
  });
});

describe("a payment that names a device", () => {
  test("pays the allocation that held it at the time", async () => {
    const two = [allocation("d", "l", january), allocation("d", "m", march, { price: 80 })];
    await take([...place, customer("k"), location("m", "k"), ...two, payment("p", 80, "2025-03-05T00:00:00Z", { device: "d" })]);
    expect(await sales()).toEqual(["d open 0 of 100", "d sold 80 of 80 at 2025-03-05 00:00:00+00"]);
  });

  test("and an instant on the border pays the new holder's allocation", async () => {
    await take([
      ...place,
      allocation("d", "l", january),
      allocation("d", "l", march, { price: 80 }),
      payment("p", 80, march, { device: "d" }),
    ]);
    expect(await sales()).toEqual(["d open 0 of 100", "d sold 80 of 80 at 2025-03-04 12:00:00+00"]);
  });

  test("before its first allocation pays the first", async () => {
    const two = [allocation("d", "l", february), allocation("d", "l", march, { price: 80 })];
    await take([...place, ...two, payment("p", 100, january, { device: "d" })]);
    expect(await sales()).toEqual(["d sold 100 of 100 at 2025-02-03 12:00:00+00", "d open 0 of 80"]);
  });

  test("and a customer who does not hold it goes by the device", async () => {
    const both = payment("p", 100, february, { device: "d", customer: "k" });
    await take([...place, customer("k"), location("m", "k"), allocation("d", "l", january), allocation("e", "m", january), both]);
    expect(await sales()).toEqual(["d sold 100 of 100 at 2025-02-03 12:00:00+00", "e open 0 of 100"]);
    expect(await rows("select named_customer_id, payer_id from marts.fct_payments")).toEqual([
      { named_customer_id: "k", payer_id: "c" },
    ]);
  });
});

describe("a payment that names a customer alone", () => {
  test("pays the oldest open allocation first, and the rest goes to the next", async () => {
    const three = [allocation("new", "l", march), allocation("old", "l", january), allocation("middle", "l", february)];
    await take([...place, ...three, payment("p", 250, "2025-04-01T00:00:00Z", { customer: "c" })]);
    expect(await sales()).toEqual([
      "old sold 100 of 100 at 2025-04-01 00:00:00+00",
      "middle sold 100 of 100 at 2025-04-01 00:00:00+00",
      "new open 50 of 100",
    ]);
  });

  test("passes over what is paid, and over what another customer holds", async () => {
    const paid = [allocation("paid", "l", january), payment("p1", 100, january, { device: "paid" })];
    await take([
      ...place,
      customer("k"),
      location("m", "k"),
      ...paid,
      allocation("foreign", "m", january),
      allocation("open", "l", march),
    ]);
    await take([payment("p2", 100, march, { customer: "c" })]);
    expect(await sales()).toEqual([
      "foreign open 0 of 100",
      "paid sold 100 of 100 at 2025-01-10 10:00:00+00",
      "open sold 100 of 100 at 2025-03-04 12:00:00+00",
    ]);
  });

  test("pays only what is priced in its own currency", async () => {
    await take([...place, allocation("euro", "l", january, { currency: "EUR" }), allocation("dollar", "l", february)]);
    await take([payment("p", 120, march, { customer: "c" })]);
    expect(await sales()).toEqual(["euro open 0 of 100", "dollar sold 100 of 100 at 2025-03-04 12:00:00+00"]);
    expect(await payments()).toEqual(["p by customer: 100 applied, 20 credit, 0 unattributed"]);
  });
});

describe("a payment that nobody can be named for counts as cash and says why", () => {
  test.each([
    ["it names neither device nor customer", {}, "says_nobody"],
    ["its device was never allocated", { device: "ghost" }, "device_unknown"],
    ["its customer never registered", { customer: "ghost" }, "customer_unknown"],
    ["its device is priced in another currency", { device: "d", currency: "EUR" }, "currency_differs"],
    ["all its customer's devices are priced in another currency", { customer: "c", currency: "EUR" }, "currency_differs"],
  ])("when %s", async (_, of, reason) => {
    await take([...place, allocation("d", "l", january), payment("p", 100, february, of)]);
    expect(await sales()).toEqual(["d open 0 of 100"]);
    expect(await payments()).toEqual([`p by ${reason}: 0 applied, 0 credit, 100 unattributed`]);
    const [cash] = await ask("cash-received", { grain: "all" });
    expect(cash).toMatchObject({ payments: 1, amount: "100.00", unattributed: "100.00" });
  });

  test("until its device comes", async () => {
    await take([...place, payment("p", 100, february, { device: "d" })]);
    expect(await payments()).toEqual(["p by device_unknown: 0 applied, 0 credit, 100 unattributed"]);
    await take([allocation("d", "l", january)]);
    expect(await payments()).toEqual(["p by device: 100 applied, 0 credit, 0 unattributed"]);
  });
});

describe("what is said of a payment later", () => {
  const paid = payment("p", 100, february, { device: "d" });

  test("reopens the sale when it was reversed", async () => {
    await take([...place, allocation("d", "l", january), paid]);
    await take([retracted(paid)]);
    expect(await sales()).toEqual(["d open 0 of 100"]);
    expect(await ask("cash-received")).toEqual([]);
  });

  test("counts though it came before the payment", async () => {
    await take([...place, allocation("d", "l", january), retracted(paid)]);
    await take([paid]);
    expect(await sales()).toEqual(["d open 0 of 100"]);
  });

  test("changes amount, device and day when it was amended", async () => {
    await take([...place, allocation("d", "l", january), allocation("e", "l", february), paid]);
    await take([amended(paid, { PaymentAmount: 40, DeviceId: "e", OccurredAt: march })]);
    expect(await sales()).toEqual(["d open 0 of 100", "e open 40 of 100"]);
    expect(await ask("cash-received")).toMatchObject([{ period: "2025-03-01", payments: 1, amount: "40.00" }]);
  });

  test("under the same payment id is the payment now, whichever came first", async () => {
    const corrected = { ...payment("p", 90, march, { device: "d" }), id: "sent anew" };
    await take([...place, allocation("d", "l", january), corrected]);
    await take([paid]);
    expect(await sales()).toEqual(["d open 90 of 100"]);
    expect(await ask("cash-received")).toMatchObject([{ payments: 1, amount: "90.00" }]);
  });
});

test("a payment of nothing is a payment", async () => {
  await take([...place, allocation("d", "l", january), payment("p", 0, february, { device: "d" })]);
  expect(await sales()).toEqual(["d open 0 of 100"]);
  expect(await ask("cash-received")).toMatchObject([{ payments: 1, amount: "0.00" }]);
});

async function sales(): Promise<string[]> {
  const found = await rows(
    "select device_id, status, paid, price, sold_at::text from marts.fct_sales order by allocated_at, device_id",
  );
  return found.map(
    (sale) => `${sale.device_id} ${sale.status} ${sale.paid} of ${sale.price}${sale.sold_at ? ` at ${sale.sold_at}` : ""}`,
  );
}

async function payments(): Promise<string[]> {
  const found = await rows(
    "select payment_id, applied, credit, unattributed, attribution from marts.fct_payments order by payment_id",
  );
  return found.map(
    (paid) =>
      `${paid.payment_id} by ${paid.attribution}: ${paid.applied} applied, ${paid.credit} credit, ${paid.unattributed} unattributed`,
  );
}
