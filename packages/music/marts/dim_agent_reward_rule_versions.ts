import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per rule and time for which the file said it. */
export const dimAgentRewardRuleVersions = defineMart({
  name: "dim_agent_reward_rule_versions",
  kind: "snapshot",
  file: new URL("./dim_agent_reward_rule_versions.sql", import.meta.url),
  description: "What the reward rules said at any time, also where they were edited since.",
  grain: "One row per start of validity, currency and rank, and amount that was said of them.",
  owner: "music",
  key: ["in_force_from", "currency", "rank"],
  history: { strategy: "check", columns: ["amount"] },
  row: z.object({
    in_force_from: z.string().describe("From which day on the set is in force."),
    currency: z.string().describe("ISO 4217 code of the amounts in this row."),
    rank: z.int().describe("Place in the month, from 1."),
    amount: z.string().describe("What the place is worth."),
    valid_from: z.string().describe("From when on the file said so here."),
    valid_to: z.string().nullable().describe("Until when, not included; empty while it does."),
  }),
  reads: { "seeds.agent_reward_rules": null },
  freshness_s: 60,
  tests: [
    { test: "expression", sql: "valid_to > valid_from" },
    { test: "expression", sql: "rank >= 1" },
    { test: "expression", sql: "amount >= 0" },
  ],
});
