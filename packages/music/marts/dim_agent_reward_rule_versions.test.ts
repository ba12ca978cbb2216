import { givenRows } from "@jukebase/marts/given-rows.testing.ts";
import { test } from "vitest";
import { dimAgentRewardRuleVersions } from "./dim_agent_reward_rule_versions.ts";
import { others } from "./others.testing.ts";

const given = givenRows(dimAgentRewardRuleVersions, { others });

test("each rule is told by when its set is in force, its currency and its rank", async () => {
  const rule = { valid_from: "2020-01-01", rank: 1, amount: "500", currency: "USD" };
  await given({ "seeds.agent_reward_rules": [rule, { ...rule, rank: 2, amount: "300" }] }, [
    { in_force_from: "2020-01-01", currency: "USD", rank: 1, amount: "500" },
    { in_force_from: "2020-01-01", currency: "USD", rank: 2, amount: "300" },
  ]);
});
