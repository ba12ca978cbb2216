import type { Mart } from "@jukebase/platform";
import { fctDailyCashExpected } from "./marts/fct_daily_cash_expected.ts";
import { fctDailyCashReceived } from "./marts/fct_daily_cash_received.ts";
import { fctDailyCashSpent } from "./marts/fct_daily_cash_spent.ts";

/** The marts of this domain. */
export const marts: readonly Mart[] = [fctDailyCashReceived, fctDailyCashSpent, fctDailyCashExpected];
