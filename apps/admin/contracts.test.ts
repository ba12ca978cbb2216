import { setModes } from "@jukebase/events";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Client, newClient } from "./client.testing.ts";
import { openWorld, type World } from "./world.testing.ts";

let world: World;
let client: Client;

beforeAll(async () => {
  world = await openWorld();
  client = newClient(world.admin.url);
  await client.signIn();
});
afterAll(async () => {
  expect(world?.failures ?? []).toEqual([]);
  await world?.close();
});

it("a contract's page names its versions in full and who reads it", async () => {
  const page = await client.text("/contracts/Payment.PaymentReceived");
  expect(page).toContain("1-0-0, 2-0-0");
  expect(page).toContain('<a href="/reports/cash-received">');
  expect(page).toContain('<a href="/marts/fct_payments">');
});

it("a contract's page says what becomes of the unforeseen, as it is set", async () => {
  expect(await client.text("/contracts/Sale.DeviceAllocated")).toContain("A field that it does not name is kept, sealed");
  await setModes(world.jukebase, "Sale.DeviceAllocated", { columns: "freeze" }, { actor: "test:ann" });
  expect(await client.text("/contracts/Sale.DeviceAllocated")).toContain("An event with a field that it does not name goes to");
});
