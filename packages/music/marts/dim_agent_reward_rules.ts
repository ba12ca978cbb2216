import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per start of validity, currency and rank. */
export const dimAgentRewardRules = defineMart({
  name: "dim_agent_reward_rules",
  kind: "view",
  file: new URL("./dim_agent_reward_rules.sql", import.meta.url),
  description: "What an agent's place in a month is worth.",
  grain: "One row per start of validity, currency and rank.",
  owner: "music",
  key: ["valid_from", "currency", "rank"],
  row: z.object({
    valid_from: z.string().describe("From which day on the set is in force."),
    rank: z.int().describe("Place in the month, from 1."),
    amount: z.string().describe("What the place is worth."),
    currency: z.string().describe("ISO 4217 code of the amounts in this row."),
  }),
  reads: {
    "seeds.agent_reward_rules": null,
  },
  freshness_s: 60,
  tests: [
    { test: "expression", sql: "rank >= 1" },
    { test: "expression", sql: "amount >= 0" },
    { test: "row_count", min: 1 },
    { test: "expression", sql: "currency ~ '^[A-Z]{3}$'", name: "the currency of dim_agent_reward_rules is an ISO 4217 code" },
  ],
});
