import { givenRows, key } from "@jukebase/marts/given-rows.testing.ts";
import { test } from "vitest";
import { dimAgents } from "./dim_agents.ts";

const given = givenRows(dimAgents);

test("an agent whom nobody named is known by id", async () => {
  await given(
    {
      "sales.agent": [
        { agent_key: key(1), namespace: "till", agent_id: "7", agent_name: null },
        { agent_key: key(2), namespace: "crm", agent_id: "7", agent_name: "Ann" },
      ],
    },
    [
      { agent_key: key(1), agent_id: "7", agent_name: null, namespace: "till" },
      { agent_key: key(2), agent_id: "7", agent_name: "Ann", namespace: "crm" },
    ],
  );
});
