import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { testInstallation } from "../packages/domains/installation.testing.ts";
import { allocation, customer, location, payment, plays } from "../packages/domains/sent.testing.ts";

const { take, ask, rows, empty } = testInstallation();

const january = "2025-01-10T10:00:00Z";
const february = "2025-02-03T12:00:00Z";
const place = [customer("bar"), location("ground floor", "bar")];

const questions = [
  "Can customers have more than one location?",
  "Can we link payments to devices?",
  "Can we link songs listened to devices?",
  "Is it possible to make a payment for a device that is not allocated?",
] as const;

beforeEach(empty);

describe(questions[0], () => {
  test("yes: each has its own devices, and the customer owes for all of them", async () => {
    const devices = [allocation("d1", "ground floor", january), allocation("d2", "terrace", january)];
    await take([...place, location("terrace", "bar"), ...devices]);
    expect(await rows("select location_id, customer_id from marts.dim_locations order by location_id")).toEqual([
      { location_id: "ground floor", customer_id: "bar" },
      { location_id: "terrace", customer_id: "bar" },
    ]);
    expect(await ask("total-sales", { where: { customer_id: "bar" } })).toMatchObject([{ open: 2, outstanding: "200.00" }]);
  });

  test("one payment of the customer pays the devices of all locations, the oldest allocation first", async () => {
    const devices = [allocation("d1", "ground floor", february), allocation("d2", "terrace", january)];
    await take([...place, location("terrace", "bar"), ...devices, payment("p", 150, "2025-03-01", { customer: "bar" })]);
    expect(await rows("select device_id, status, outstanding::text from marts.fct_sales order by device_id")).toEqual([
      { device_id: "d1", status: "open", outstanding: "50" },
      { device_id: "d2", status: "sold", outstanding: "0" },
    ]);
  });
});

describe(questions[1], () => {
  test("yes, by version 2 of the event: a device, a customer or both", async () => {
    await take([...place, allocation("d", "ground floor", january)]);
    const named = [
      payment("by device", 40, february, { device: "d" }),
      payment("by customer", 30, february, { customer: "bar" }),
      payment("by both", 30, february, { device: "d", customer: "bar" }),
    ];
    await take(named);
    expect(await rows("select payment_id, attribution, payer_id from marts.fct_payments order by payment_id")).toEqual([
      { payment_id: "by both", attribution: "device", payer_id: "bar" },
      { payment_id: "by customer", attribution: "customer", payer_id: "bar" },
      { payment_id: "by device", attribution: "device", payer_id: "bar" },
    ]);
    expect(await ask("total-sales")).toMatchObject([{ sales: 1, revenue: "100.00" }]);
  });

  test("version 1, which names nobody, is cash all the same, shown as unattributed", async () => {
    await take([payment("p", 640, january)]);
    expect(await ask("cash-received")).toMatchObject([{ payments: 1, amount: "640.00", unattributed: "640.00" }]);
  });

  test("a payment that came without a name is given one by an amendment", async () => {
    const nameless = payment("p", 100, february);
    await take([...place, allocation("d", "ground floor", january), nameless]);
    await take([{ ...nameless, id: "p, named", amends: nameless.id as string, data: { ...nameless.data, DeviceId: "d" } }]);
    expect(await ask("cash-received")).toMatchObject([{ amount: "100.00", unattributed: "0.00" }]);
    expect(await ask("total-sales")).toMatchObject([{ sales: 1 }]);
  });
});

describe(questions[2], () => {
  test("yes, by version 2 of the event: it counts for the agent who allocated the device", async () => {
    await take([...place, allocation("d", "ground floor", january, { agent: "ann" }), ...plays(3, "d", february)]);
    expect(await ask("agent-rewards")).toMatchObject([{ month: "2025-02-01", agent_id: "ann", plays: 3, rank: 1 }]);
  });

  test("version 1, which names no device, is a play all the same, and no agent's", async () => {
    await take([
      ...place,
      allocation("d", "ground floor", january),
      ...plays(3, "d", february),
      ...plays(2, undefined, february),
    ]);
    expect(await ask("agent-rewards")).toMatchObject([
      { agent_id: "ann", plays: 3 },
      { agent_id: null, plays: 2, reward: null },
    ]);
  });
});

describe(questions[3], () => {
  test("yes: it is cash, unattributed, until the device is allocated; then it pays the first allocation", async () => {
    await take([...place, payment("p", 100, january, { device: "d" })]);
    expect(await ask("cash-received")).toMatchObject([{ amount: "100.00", unattributed: "100.00" }]);
    expect(await rows("select attribution from marts.fct_payments")).toEqual([{ attribution: "device_unknown" }]);

    await take([allocation("d", "ground floor", february)]);
    expect(await ask("cash-received")).toMatchObject([{ amount: "100.00", unattributed: "0.00" }]);
    expect(await ask("product-sales")).toMatchObject([{ period: "2025-02-01", sales: 1, revenue: "100.00" }]);
  });

  test("a customer who pays before having any device has credit", async () => {
    await take([customer("bar"), payment("p", 100, january, { customer: "bar" })]);
    expect(await rows("select payer_id, credit::text, unattributed::text from marts.fct_payments")).toEqual([
      { payer_id: "bar", credit: "100", unattributed: "0" },
    ]);
  });
});

test("docs/how-to/questions.md answers each of these questions and names each of these tests", () => {
  const own = readFileSync(new URL(import.meta.url), "utf8");
  const page = readFileSync(new URL("../docs/how-to/questions.md", import.meta.url), "utf8");
  const names = [...own.matchAll(/^ {2}test\("([^"]+)"/gm)].map(([, name = ""]) => name);
  expect([...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)).toEqual(questions);
  expect(names).toHaveLength(9);
  expect(names.filter((name) => !page.includes(name))).toEqual([]);
});
