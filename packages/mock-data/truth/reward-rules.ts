import { readFile } from "node:fs/promises";

/** What the agents of a rank get in the months from `valid_from` (YYYY-MM-DD) on, until newer rules take over. */
export type RewardRule = {
  readonly valid_from: string;
  readonly rank: number;
  readonly amount: string;
  readonly currency: string;
};

/** The rules of a CSV file with the columns valid_from, rank, amount, currency (no quotes). Throws where a row does not fit. */
export async function readRewardRules(path: string | URL): Promise<RewardRule[]> {
  const [header, ...lines] = (await readFile(path, "utf8")).trim().split(/\r?\n/);
  if (header !== "valid_from,rank,amount,currency")
    throw new Error(`${path}: expected the header valid_from,rank,amount,currency`);
  return lines.filter((line) => line.trim() !== "").map(parseRule);
}

/** The rules in force in a month (its first day): those of the latest `valid_from` that is not after it. */
export function rulesInForce(rules: readonly RewardRule[], month: string): RewardRule[] {
  const since = rules
    .map((rule) => rule.valid_from)
    .filter((date) => date <= month)
    .sort()
    .at(-1);
  return rules.filter((rule) => rule.valid_from === since);
}

function parseRule(line: string): RewardRule {
  const match = /^(\d{4}-\d{2}-\d{2}),(\d+),(\d+(?:\.\d+)?),([A-Z]{3})$/.exec(line.trim());
  if (match === null) throw new Error(`not a reward rule: ${line}`);
  const [, valid_from, rank, amount, currency] = match as unknown as [string, string, string, string, string];
  return { valid_from, rank: Number(rank), amount, currency };
}
