import { beforeEach, describe, expect, test } from "vitest";
import { testInstallation } from "./installation.testing.ts";
import { allocation, customer, location, plays, type Sent } from "./sent.testing.ts";

const { take, ask, rows, empty } = testInstallation();

const place = [customer("c"), location("l", "c")];
const march = "2025-03-04T12:00:00Z";

beforeEach(async () => {
  await empty();
  await rules([
    ["2020-01-01", 1, "500.00"],
    ["2020-01-01", 2, "300.00"],
    ["2020-01-01", 3, "100.00"],
  ]);
});

describe("agents are ranked within a month", () => {
  test("and earn what their rank is worth; a rank without a rule earns nothing", async () => {
    await take(played({ ann: 9, bob: 7, cid: 5, dan: 1 }));
    expect(await earned()).toEqual(["1 ann 500.00 USD", "2 bob 300.00 USD", "3 cid 100.00 USD", "4 dan 0.00 USD"]);
  });

  test("month by month, and who has no plays in one has no row in it", async () => {
    await take([...played({ ann: 1, bob: 2 }), ...plays(1, "device of ann", "2025-04-01T00:00:00Z")]);
    expect(await ask("agent-rewards")).toMatchObject([
      { month: "2025-03-01", agent_id: "bob", rank: 1 },
      { month: "2025-03-01", agent_id: "ann", rank: 2 },
      { month: "2025-04-01", agent_id: "ann", rank: 1 },
    ]);
  });
});

describe("agents who tie share the amounts of the ranks they take", () => {
  test("and the next rank is skipped", async () => {
    await take(played({ ann: 5, bob: 5, cid: 1 }));
    expect(await earned()).toEqual(["1 ann 400.00 USD", "1 bob 400.00 USD", "3 cid 100.00 USD"]);
  });

  test("to the last cent, which goes to the first by id", async () => {
    await rules([
      ["2020-01-01", 1, "100.00"],
      ["2020-01-01", 2, "0.01"],
    ]);
    await take(played({ cid: 5, bob: 5, Ann: 5 }));
    expect(await earned()).toEqual(["1 Ann 33.34 USD", "1 bob 33.34 USD", "1 cid 33.33 USD"]);
  });

  test("in whole yen, for a yen has no parts", async () => {
    await rules([["2020-01-01", 1, "1000"]], "JPY");
    await take(played({ ann: 5, bob: 5, cid: 5 }));
    expect(await earned()).toEqual(["1 ann 334 JPY", "1 bob 333 JPY", "1 cid 333 JPY"]);
  });

  test("also beyond the last rank that has a rule", async () => {
    await take(played({ ann: 9, bob: 8, cid: 5, dan: 5 }));
    expect(await earned()).toEqual(["1 ann 500.00 USD", "2 bob 300.00 USD", "3 cid 50.00 USD", "3 dan 50.00 USD"]);
  });
});

describe("rules", () => {
  test("are those in force on the month's first day", async () => {
    await rules([
      ["2025-03-01", 1, "10.00"],
      ["2025-03-02", 1, "20.00"],
    ]);
    await take(played({ ann: 1 }));
    expect(await earned()).toEqual(["1 ann 10.00 USD"]);
  });

  test("that begin later leave a rank worth nothing, not a month without its plays", async () => {
    await rules([["2025-04-01", 1, "10.00"]]);
    await take(played({ ann: 1 }));
    expect(await ask("agent-rewards")).toMatchObject([{ agent_id: "ann", plays: 1, rank: 1, reward: "0.00", currency: null }]);
  });

  test("in two currencies are two rewards, never one sum", async () => {
    await rules([["2020-01-01", 1, "10.00"]]);
    await rules([["2020-01-01", 1, "9.00"]], "EUR", false);
    await take(played({ ann: 1 }));
    expect((await earned()).sort()).toEqual(["1 ann 10.00 USD", "1 ann 9.00 EUR"]);
  });
});

function played(counts: Readonly<Record<string, number>>): Sent[] {
  const agents = Object.entries(counts).flatMap(([agent, many]) => [
    allocation(`device of ${agent}`, "l", "2025-01-01T00:00:00Z", { agent }),
    ...plays(many, `device of ${agent}`, march),
  ]);
  return [...place, ...agents];
}

async function rules(of: readonly (readonly [string, number, string])[], currency = "USD", only = true): Promise<void> {
  if (only) await rows("delete from seeds.agent_reward_rules");
  for (const [from, rank, amount] of of) {
    await rows("insert into seeds.agent_reward_rules (valid_from, rank, amount, currency) values ($1, $2, $3, $4)", [
      from,
      rank,
      amount,
      currency,
    ]);
  }
}

async function earned(): Promise<string[]> {
  return (await ask("agent-rewards")).map(({ rank, agent_id, reward, currency }) => `${rank} ${agent_id} ${reward} ${currency}`);
}
