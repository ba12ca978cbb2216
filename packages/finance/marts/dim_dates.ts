import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per day. */
export const dimDates = defineMart({
  name: "dim_dates",
  kind: "view",
  file: new URL("./dim_dates.sql", import.meta.url),
  description: "Days, without a gap: what facts are laid out on, so that a day on which nothing happened is seen, too.",
  grain: "One row per day, from the first day of the first year that has a fact to the last day of the year after the last one.",
  owner: "finance",
  key: ["calendar_date"],
  row: z.object({
    calendar_date: z.string().describe("The day; business dates of facts are such days, in the installation's zone."),
    day_name: z.string().describe("Monday to Sunday."),
    month_name: z.string().describe("January to December."),
    month_label: z.string().describe("Year and month as they sort: 2025-03."),
    quarter_label: z.string().describe("Year and quarter as they sort: 2025-Q1."),
    day_of_week: z.int().describe("1 for Monday to 7 for Sunday (ISO 8601)."),
    day_of_month: z.int().describe("1 to 31."),
    day_of_year: z.int().describe("1 to 366."),
    iso_week: z.int().describe("Number of the week (ISO 8601), 1 to 53; it belongs to iso_year."),
    iso_year: z.int().describe("The year that the week belongs to: around New Year not the calendar's."),
    month_of_year: z.int().describe("1 to 12."),
    quarter_of_year: z.int().describe("1 to 4."),
    calendar_year: z.int().describe("The year."),
    is_weekend: z.boolean().describe("Whether it is a Saturday or a Sunday."),
    week_starts_on: z.string().describe("The Monday of its week."),
    month_starts_on: z.string().describe("First day of its month."),
    month_ends_on: z.string().describe("Last day of its month."),
    quarter_starts_on: z.string().describe("First day of its quarter."),
    year_starts_on: z.string().describe("First day of its year."),
  }),
  reads: {
    "marts.fct_allocations": null,
    "marts.fct_payments": null,
    "marts.fct_expected_payments": null,
    "marts.fct_device_purchases": null,
    "marts.fct_monthly_device_plays": null,
  },
  freshness_s: 60,
  tests: [
    { test: "accepted_values", column: "day_of_week", values: [1, 2, 3, 4, 5, 6, 7] },
    { test: "expression", sql: "calendar_date between month_starts_on and month_ends_on" },
    { test: "expression", sql: "calendar_date between week_starts_on and week_starts_on + 6" },
    { test: "expression", sql: "is_weekend = (day_name in ('Saturday', 'Sunday'))" },
    { name: "dim_dates covers whole years", test: "row_count", min: 730 },
  ],
});
