import { givenRows, key } from "@jukebase/marts/given-rows.testing.ts";
import { test } from "vitest";
import { fctAllocations } from "./fct_allocations.ts";

const given = givenRows(fctAllocations);
const givenInRome = givenRows(fctAllocations, { zone: "Europe/Rome" });

const known = {
  "sales.device": [{ device_key: key(1), device_id: "d" }],
  "sales.product": [{ product_key: key(2), product_name: "MusicMaker3000" }],
  "sales.agent": [{ agent_key: key(3), agent_id: "ann" }],
  "sales.location": [{ location_key: key(4), location_id: "l", customer_key: key(5) }],
  "sales.customer": [
    { customer_key: key(5), customer_id: "c", customer_name: "Bar" },
    { customer_key: key(6), customer_id: "k", customer_name: "Pub" },
  ],
};
const keys = { device_key: key(1), product_key: key(2), agent_key: key(3), location_key: key(4), customer_key: key(5) };
const first = { ...keys, allocation_id: key(11), price: "250.00", currency: "USD", allocated_at: "2025-01-31T23:30:00Z" };
const second = {
  ...keys,
  allocation_id: key(12),
  price: "9000",
  currency: "JPY",
  allocated_at: "2025-03-01T00:00:00Z",
  customer_key: key(6),
};
const allocations = [
  { ...first, valid: '["2025-01-31T23:30:00Z","2025-03-01T00:00:00Z")' },
  { ...second, valid: '["2025-03-01T00:00:00Z",)' },
];

test("an allocation is valid until the next one of its device; the last has no end", async () => {
  await given({ ...known, "sales.allocation": allocations }, [
    {
      device_id: "d",
      customer_id: "c",
      valid_from: "2025-01-31T23:30:00Z",
      valid_to: "2025-03-01T00:00:00Z",
      price: "250",
      currency: "USD",
    },
    { device_id: "d", customer_id: "k", valid_from: "2025-03-01T00:00:00Z", valid_to: null, price: "9000", currency: "JPY" },
  ]);
});

test("it names agent, location and customer as their sources do", async () => {
  await given({ ...known, "sales.allocation": allocations.slice(0, 1) }, [
    { agent_id: "ann", location_id: "l", customer_name: "Bar" },
  ]);
});

test("its business date is of the installation's zone", async () => {
  await given({ ...known, "sales.allocation": allocations }, [{ allocated_on: "2025-01-31" }, { allocated_on: "2025-03-01" }]);
  await givenInRome({ ...known, "sales.allocation": allocations }, [
    { allocated_on: "2025-02-01" },
    { allocated_on: "2025-03-01" },
  ]);
});
