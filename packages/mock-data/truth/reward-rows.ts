import { Decimal } from "decimal.js";
import { money, splitEvenly } from "./decimals.ts";
import { byInstant, byText } from "./order.ts";
import type { PlayTally } from "./play-tallies.ts";
import { type RewardRule, rulesInForce } from "./reward-rules.ts";
import type { Account } from "./settlement.ts";
import type { TruthRow } from "./truth.ts";

/** The readings of the reward question. */
export type RewardOptions = { readonly completed_only?: true; readonly sold_only?: true; readonly by?: "device" };

/** The rows of `agent-rewards`, by month and rank, then the plays that no agent gets; who has no plays in a month has no row in it. */
export function rewardRows(
  accounts: readonly Account[],
  tallies: readonly PlayTally[],
  rules: readonly RewardRule[],
  options: RewardOptions,
): TruthRow[] {
  const names = new Map(accounts.toSorted(byInstant).map((account) => [account.agentId, account.agentName]));
  const scores = scoresByMonth(accounts, tallies, options);
  const nobodys = unattributedByMonth(tallies, options);
  return [...new Set([...scores.keys(), ...nobodys.keys()])].sort(byText).flatMap((month): TruthRow[] => {
    const agents = ranked(scores.get(month) ?? new Map(), rulesInForce(rules, month));
    const rows = agents.map(({ agentId, ...row }) => ({
      month,
      agent_id: agentId,
      agent_name: names.get(agentId) ?? null,
      ...row,
    }));
    const plays = nobodys.get(month);
    return plays === undefined
      ? rows
      : [...rows, { month, agent_id: null, agent_name: null, plays, rank: null, reward: null, currency: null }];
  });
}

function unattributedByMonth(tallies: readonly PlayTally[], options: RewardOptions): Map<string, number> {
  const months = new Map<string, number>();
  for (const tally of tallies) {
    const plays = options.completed_only ? tally.completed : tally.plays;
    if (tally.allocation === null && plays > 0) months.set(tally.month, (months.get(tally.month) ?? 0) + plays);
  }
  return months;
}

function scoresByMonth(
  accounts: readonly Account[],
  tallies: readonly PlayTally[],
  options: RewardOptions,
): Map<string, Map<string, number>> {
  const accountOf = new Map(accounts.map((account) => [account.eventId, account]));
  const ofDevices = new Map<string, Map<string, Map<string, number>>>();
  for (const tally of tallies) {
    const account = tally.allocation === null ? undefined : accountOf.get(tally.allocation);
    const plays = options.completed_only ? tally.completed : tally.plays;
    if (account === undefined || plays === 0 || (options.sold_only && account.soldAt === undefined)) continue;
    const agents = entry(ofDevices, tally.month, () => new Map());
    const devices = entry(agents, account.agentId, () => new Map());
    devices.set(account.deviceId, (devices.get(account.deviceId) ?? 0) + plays);
  }
  const score = (plays: number[]): number =>
    options.by === "device" ? Math.max(...plays) : plays.reduce((sum, value) => sum + value, 0);
  return new Map(
    [...ofDevices].map(([month, agents]) => [
      month,
      new Map([...agents].map(([agent, devices]) => [agent, score([...devices.values()])])),
    ]),
  );
}

/** Competition ranking (1, 1, 3); those who tie share what their ranks earn, the first by agent id take the cents left over. */
function ranked(plays: ReadonlyMap<string, number>, rules: readonly RewardRule[]) {
  const agents = [...plays].sort(([one, ones], [other, others]) => others - ones || byText(one, other));
  const currency = rules[0]?.currency ?? null;
  return agents.map(([agentId, count]) => {
    const tied = agents.filter(([, other]) => other === count);
    const rank = agents.findIndex(([, other]) => other === count) + 1;
    const pot = rules
      .filter((rule) => rule.rank >= rank && rule.rank < rank + tied.length)
      .reduce((sum, rule) => sum.plus(rule.amount), new Decimal(0));
    const share = splitEvenly(pot, tied.length)[tied.findIndex(([other]) => other === agentId)] as Decimal;
    return { agentId, plays: count, rank, reward: money(share), currency };
  });
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
