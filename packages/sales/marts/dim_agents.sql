-- An agent is whoever an applied allocation names as its seller.
select
  agent.agent_key,
  agent.agent_id,
  agent.agent_name,
  agent.namespace
from
  sales.agent
