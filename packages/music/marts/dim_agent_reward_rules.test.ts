import { givenRows } from "@jukebase/marts/given-rows.testing.ts";
import { test } from "vitest";
import { dimAgentRewardRules } from "./dim_agent_reward_rules.ts";
import { others } from "./others.testing.ts";

const given = givenRows(dimAgentRewardRules, { others });

test("sets of rules stand side by side: old and new, and in several currencies", async () => {
  const rules = [
    { valid_from: "2020-01-01", rank: 1, amount: "500", currency: "USD" },
    { valid_from: "2020-01-01", rank: 2, amount: "300", currency: "USD" },
    { valid_from: "2025-01-01", rank: 1, amount: "0.01", currency: "USD" },
    { valid_from: "2025-01-01", rank: 1, amount: "9", currency: "JPY" },
  ];
  await given({ "seeds.agent_reward_rules": rules }, rules);
});
