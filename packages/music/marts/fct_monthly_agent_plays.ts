import { defineMart } from "@jukebase/marts";
import { z } from "zod";

// A device's plays may have moved from one allocation to another, so whatever happens to either concerns all of its months.
const monthsOfDevice =
  "select distinct plays.month from changed join marts.fct_monthly_device_plays as plays on plays.device_key = changed.device_key";

/** One row per month and agent. */
export const fctMonthlyAgentPlays = defineMart({
  name: "fct_monthly_agent_plays",
  kind: "rollup",
  file: new URL("./fct_monthly_agent_plays.sql", import.meta.url),
  description: "How much each agent's devices are used: what rewards are counted by.",
  grain: "One row per month and agent.",
  owner: "music",
  key: ["month", "agent_key"],
  row: z.object({
    month: z.string().describe("First day of the business month."),
    agent_key: z.uuid().describe("Surrogate key of the agent; all zeros for plays that no allocation accounts for."),
    devices: z.int().describe("Devices that were played."),
    plays: z.int().describe("Listenings."),
    completed_plays: z.int().describe("Listenings heard to the end."),
    sold_plays: z.int().describe("Listenings on devices that are sold."),
    sold_completed_plays: z.int().describe("Listenings on devices that are sold, heard to the end."),
    most_plays: z.int().describe("Listenings on the device with the most of them."),
    most_completed_plays: z.int().describe("Listenings heard to the end on the device with the most of them."),
    most_sold_plays: z.int().describe("Listenings on the sold device with the most of them."),
    most_sold_completed_plays: z.int().describe("Listenings heard to the end on the sold device with the most of them."),
  }),
  reads: {
    "marts.fct_monthly_device_plays": "select distinct month from changed",
    "marts.fct_allocations": monthsOfDevice,
    "marts.fct_sales": monthsOfDevice,
  },
  bucket: ["month"],
  freshness_s: 60,
  tests: [
    { test: "expression", sql: "extract(day from month) = 1" },
    { test: "expression", sql: "devices >= 1" },
    { test: "expression", sql: "plays >= devices" },
    { test: "expression", sql: "completed_plays between 0 and plays" },
    { test: "expression", sql: "sold_plays between 0 and plays" },
    { test: "expression", sql: "sold_completed_plays between 0 and least(sold_plays, completed_plays)" },
    { test: "expression", sql: "most_plays between 1 and plays" },
    { test: "expression", sql: "most_completed_plays between 0 and completed_plays" },
    { test: "expression", sql: "most_sold_plays between 0 and sold_plays" },
    { test: "expression", sql: "most_sold_completed_plays between 0 and sold_completed_plays" },
    // Plays that no allocation accounts for are nobody's.
    {
      test: "relationships",
      columns: ["agent_key"],
      mart: "dim_agents",
      to: ["agent_key"],
      where: "agent_key <> platform.nobody()",
    },
  ],
});
