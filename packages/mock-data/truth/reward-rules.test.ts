import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readRewardRules } from "./reward-rules.ts";

async function read(csv: string) {
  const folder = await mkdtemp(join(tmpdir(), "rules-"));
  const path = join(folder, "rules.csv");
  await writeFile(path, csv);
  return readRewardRules(path).finally(() => rm(folder, { recursive: true }));
}

test("reward rules are read from CSV", async () => {
  expect(await read("valid_from,rank,amount,currency\n2020-01-01,1,500,USD\r\n2020-01-01,2,300.50,USD\n")).toEqual([
    { valid_from: "2020-01-01", rank: 1, amount: "500", currency: "USD" },
    { valid_from: "2020-01-01", rank: 2, amount: "300.50", currency: "USD" },
  ]);
});

test("a file that is no list of reward rules is refused with the reason", async () => {
  await expect(read("rank,amount\n1,500\n")).rejects.toThrow("expected the header");
  await expect(read("valid_from,rank,amount,currency\n2020-01-01,first,500,USD\n")).rejects.toThrow(
    "not a reward rule: 2020-01-01,first",
  );
});
