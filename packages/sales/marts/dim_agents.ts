import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per agent. */
export const dimAgents = defineMart({
  name: "dim_agents",
  kind: "view",
  file: new URL("./dim_agents.sql", import.meta.url),
  description: "Who sells.",
  grain: "One row per agent.",
  owner: "sales",
  key: ["agent_key"],
  row: z.object({
    agent_key: z.uuid().describe("Surrogate key of the agent."),
    agent_id: z.string().describe("The selling agent's id as its source writes it."),
    agent_name: z.string().nullable().describe("Newest name given for the agent."),
    namespace: z.string().describe("Whose ids these are: sources of one namespace share natural ids."),
  }),
  reads: {
    "sales.agent": null,
  },
  // Agents are natural persons; a chart by agent still has a label for each.
  sensitive: { agent_name: { as: "sql", sql: "agent_id" } },
  freshness_s: 60,
  tests: [
    { test: "unique", columns: ["namespace", "agent_id"] },
    { test: "not_null", column: "agent_id" },
  ],
});
