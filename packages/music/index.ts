import type { Domain } from "@jukebase/platform";
import { musicEvents } from "./events.ts";
import { marts } from "./marts.ts";
import { projection } from "./projection.ts";
import { agentRewards } from "./reports/agent-rewards.ts";
import { agentRewardRules } from "./seeds/agent_reward_rules.ts";

/** Songs, plays, and the agents whose devices play them. */
export const music: Domain = {
  name: "music",
  title: "Music",
  events: musicEvents,
  projections: [projection],
  marts,
  checks: [
    { name: "every play is counted in one month", file: new URL("./checks/every_play_is_counted_once.sql", import.meta.url) },
    { name: "a removed song says when", file: new URL("./checks/a_removed_song_says_when.sql", import.meta.url) },
  ],
  reports: [agentRewards],
  seeds: [agentRewardRules],
};
