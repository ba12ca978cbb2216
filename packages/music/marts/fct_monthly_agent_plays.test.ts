import { givenRows, key } from "@jukebase/marts/given-rows.testing.ts";
import { test } from "vitest";
import { fctMonthlyAgentPlays } from "./fct_monthly_agent_plays.ts";
import { others } from "./others.testing.ts";

const given = givenRows(fctMonthlyAgentPlays, { others });

const nobody = key(0);
const [ann, bob] = [key(31), key(32)];
const allocation = (n: number, device: number, agent_key: string, status: string) => ({
  allocation: { allocation_id: key(n), device_key: key(device), agent_key },
  sale: { allocation_id: key(n), device_key: key(device), status },
});
const known = [
  allocation(11, 1, ann, "sold"),
  allocation(12, 1, ann, "open"),
  allocation(13, 2, ann, "open"),
  allocation(14, 3, bob, "sold"),
];
const world = (...plays: object[]) => ({
  "marts.fct_allocations": known.map((one) => one.allocation),
  "marts.fct_sales": known.map((one) => one.sale),
  "marts.fct_monthly_device_plays": plays as never[],
});
const month = "2025-01-01";
const plays = (device: number, allocation_id: string, n: number, completed: number) => ({
  month,
  device_key: key(device),
  allocation_id,
  plays: n,
  completed_plays: completed,
});

test("an agent's plays are those of all allocations; the most is of one device, over the allocations that the agent had of it", async () => {
  await given(world(plays(1, key(11), 3, 1), plays(1, key(12), 4, 4), plays(2, key(13), 6, 0), plays(3, key(14), 1, 1)), [
    {
      agent_key: ann,
      devices: 2,
      plays: 13,
      completed_plays: 5,
      sold_plays: 3,
      sold_completed_plays: 1,
      most_plays: 7,
      most_completed_plays: 5,
      most_sold_plays: 3,
      most_sold_completed_plays: 1,
    },
    {
      agent_key: bob,
      devices: 1,
      plays: 1,
      completed_plays: 1,
      sold_plays: 1,
      sold_completed_plays: 1,
      most_plays: 1,
      most_completed_plays: 1,
      most_sold_plays: 1,
      most_sold_completed_plays: 1,
    },
  ]);
});

test("plays that no allocation accounts for are nobody's", async () => {
  await given(world(plays(9, nobody, 2, 1), plays(8, nobody, 3, 3)), [
    { month, agent_key: nobody, devices: 2, plays: 5, completed_plays: 4, sold_plays: 0, most_plays: 3, most_sold_plays: 0 },
  ]);
});
