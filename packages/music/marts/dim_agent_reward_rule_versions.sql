-- The file of rules is edited in place; this keeps what it said before, and from when to when it said so here.
select
  agent_reward_rules.valid_from as in_force_from,
  agent_reward_rules.currency,
  agent_reward_rules.rank,
  agent_reward_rules.amount
from
  seeds.agent_reward_rules
