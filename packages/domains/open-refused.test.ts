import type { Domain, Mart } from "@jukebase/platform";
import { afterAll, beforeAll, expect, test } from "vitest";
import { domains } from "./index.ts";
import { openJukebase } from "./open.ts";
import { type OpenedForTest, openedForTest } from "./opened.testing.ts";

let opened: OpenedForTest;

beforeAll(async () => {
  opened = await openedForTest();
});
afterAll(() => opened?.close());

test("an installation whose changed marts are refused by their tests opens on those of before, and says so", async () => {
  const said: string[] = [];
  const { config, database, clock } = opened.jukebase;
  const store = "select store from marts_store.mart where name = 'dim_agent_reward_rule_versions'";
  const before = (await database.pg.query(store)).rows;
  const jukebase = await openJukebase(config, {
    clock,
    connections: 2,
    domains: domains.map(changed),
    say: (line) => said.push(line),
  });
  await jukebase.close();
  expect(said.join("\n")).toMatch(/Nothing was put in place, the marts of before serve on, since tests fail:\n.*amount.*3 rows/s);
  expect((await database.pg.query(store)).rows).toEqual(before);
  expect((await database.pg.query("select amount from marts.dim_agent_reward_rule_versions")).rowCount).toBe(3);
});

function changed(domain: Domain): Domain {
  const costly = (mart: Mart): Mart =>
    mart.name === "dim_agent_reward_rule_versions"
      ? { ...mart, indexes: [["rank"]], tests: [{ test: "expression", sql: "amount < 0" }] }
      : mart;
  return { ...domain, marts: domain.marts.map(costly) };
}
