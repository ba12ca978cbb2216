import type { Mart } from "@jukebase/platform";
import { dimDates } from "./marts/dim_dates.ts";
import { fctDailyCashExpected } from "./marts/fct_daily_cash_expected.ts";
import { fctDailyCashReceived } from "./marts/fct_daily_cash_received.ts";
import { fctDailyCashSpent } from "./marts/fct_daily_cash_spent.ts";
import { metricDailyCash } from "./marts/metric_daily_cash.ts";

/** The marts of this domain. */
export const marts: readonly Mart[] = [dimDates, fctDailyCashReceived, fctDailyCashSpent, fctDailyCashExpected, metricDailyCash];
