-- What an agent's place in a month is worth: the set with the latest start at or before the month's first day is in force.
select
  agent_reward_rules.valid_from,
  agent_reward_rules.rank,
  agent_reward_rules.amount,
  agent_reward_rules.currency
from
  seeds.agent_reward_rules
