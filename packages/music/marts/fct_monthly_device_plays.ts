import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per month, device and the allocation that held it. */
export const fctMonthlyDevicePlays = defineMart({
  name: "fct_monthly_device_plays",
  kind: "rollup",
  file: new URL("./fct_monthly_device_plays.sql", import.meta.url),
  description: "How much each device is used, and for whose allocation that counts.",
  grain: "One row per month, device and the allocation that held it.",
  owner: "music",
  key: ["month", "device_key", "allocation_id"],
  row: z.object({
    month: z.string().describe("First day of the business month."),
    device_key: z.uuid().describe("Surrogate key of the device."),
    allocation_id: z.uuid().describe("The allocation that held the device then; all zeros when none did."),
    device_id: z.string().nullable().describe("The device's id as its source writes it."),
    plays: z.int().describe("Listenings."),
    completed_plays: z.int().describe("Listenings heard to the end."),
  }),
  reads: {
    "music.play": "select distinct platform.period('month', platform.local_date(occurred_at)) as month, device_key from changed",
    "music.song":
      "select distinct platform.period('month', platform.local_date(play.occurred_at)) as month, play.device_key from changed join music.play on play.song_key = changed.song_key where play.completed is null",
    "marts.fct_allocations":
      "select distinct platform.period('month', platform.local_date(play.occurred_at)) as month, play.device_key from changed join music.play on play.device_key = changed.device_key",
  },
  bucket: ["month", "device_key"],
  indexes: [["device_key"]],
  freshness_s: 60,
  tests: [
    { test: "expression", sql: "extract(day from month) = 1" },
    { test: "expression", sql: "plays >= 1" },
    { test: "expression", sql: "completed_plays between 0 and plays" },
    // Before a device's first allocation, and on what was never allocated, plays belong to nobody.
    {
      test: "relationships",
      columns: ["allocation_id"],
      mart: "fct_allocations",
      to: ["allocation_id"],
      where: "allocation_id <> platform.nobody()",
    },
    {
      test: "relationships",
      columns: ["device_key"],
      mart: "dim_devices",
      to: ["device_key"],
      where: "allocation_id <> platform.nobody()",
    },
  ],
});
