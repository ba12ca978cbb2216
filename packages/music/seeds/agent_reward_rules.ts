import type { Seed } from "@jukebase/platform";
import { z } from "zod";

/** db/seeds/agent_reward_rules.csv. */
export const agentRewardRules: Seed = {
  name: "agent_reward_rules",
  description: "What an agent's place in a month is worth, from valid_from on until a later set of rules.",
  owner: "music",
  key: ["valid_from", "currency", "rank"],
  row: z.object({
    valid_from: z.string().describe("From which day on the set is in force."),
    rank: z.int().describe("Place in the month, from 1."),
    amount: z.string().describe("What the place is worth."),
    currency: z.string().describe("ISO 4217 code of the amount."),
  }),
  tests: [
    { test: "expression", sql: "rank >= 1 and amount >= 0" },
    { test: "expression", sql: "currency ~ '^[A-Z]{3}$'" },
  ],
};
