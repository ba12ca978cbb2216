import type { Domain } from "@jukebase/platform";
import { marts } from "./marts.ts";
import { cashExpected, cashReceived, cashSpent } from "./reports/cash-flow.ts";
import { cashForecast } from "./reports/cash-forecast.ts";

/** Cash: received, spent, expected, forecast. Its facts are other domains' marts. */
export const finance: Domain = {
  name: "finance",
  title: "Finance",
  events: [],
  projections: [],
  marts,
  checks: [
    {
      name: "cash by day adds up to the payments",
      file: new URL("./checks/cash_by_day_adds_up_to_the_payments.sql", import.meta.url),
    },
    {
      name: "days follow each other without a gap",
      file: new URL("./checks/days_follow_each_other_without_a_gap.sql", import.meta.url),
    },
  ],
  reports: [cashReceived, cashSpent, cashExpected, cashForecast],
};
