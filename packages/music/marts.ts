import type { Mart } from "@jukebase/platform";
import { dimAgentRewardRuleVersions } from "./marts/dim_agent_reward_rule_versions.ts";
import { dimAgentRewardRules } from "./marts/dim_agent_reward_rules.ts";
import { dimSongs } from "./marts/dim_songs.ts";
import { fctMonthlyAgentPlays } from "./marts/fct_monthly_agent_plays.ts";
import { fctMonthlyDevicePlays } from "./marts/fct_monthly_device_plays.ts";
import { fctPlays } from "./marts/fct_plays.ts";

/** The marts of this domain. */
export const marts: readonly Mart[] = [
  dimSongs,
  dimAgentRewardRules,
  dimAgentRewardRuleVersions,
  fctPlays,
  fctMonthlyDevicePlays,
  fctMonthlyAgentPlays,
];
