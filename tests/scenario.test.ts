import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestInstallation, testInstallation } from "../packages/domains/installation.testing.ts";
import { projectionBalance, readReceived, sourceBalances } from "../packages/events/index.ts";
import {
  compareTruth,
  duplicated,
  readRewardRules,
  type Scale,
  shuffled,
  type Truth,
  writeScenario,
} from "../packages/mock-data/index.ts";
import { type Grain, pgExecutor } from "../packages/platform/index.ts";
import { wantsMedium } from "../packages/testing/index.ts";

const minutes = 60_000;
const afterItsEnd = "2026-11-01T00:00:00Z";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/jukebase-scenario-`);
});

afterAll(() => rm(folder, { recursive: true }));

describe("the small scenario", () => answersLikeTheTruth("small", 2 * minutes));

describe.skipIf(!wantsMedium())(
  "the medium scenario (skipped unless JUKEBASE_TEST_SCALE=medium: a million lines take minutes)",
  () => answersLikeTheTruth("medium", 60 * minutes),
);

function answersLikeTheTruth(scale: Scale, timeout: number): void {
  describe("loaded as it was sent", () => {
    const installation = testInstallation(afterItsEnd);
    let truth: Truth;

    beforeAll(async () => {
      const written = await write(scale, true);
      truth = written.content;
      await installation.takeReceived(readReceived(createReadStream(written.events), { format: "ndjson" }));
    }, timeout);

    test("is taken in as the truth counts it: so many logged, duplicates, quarantined, waiting, none lost", {
      timeout,
    }, async () => {
      const { lines, accepted, duplicates, quarantined, waiting } = truth.counts;
      const in_quarantine = Object.values(quarantined).reduce((sum, items) => sum + items, 0);
      const [balance] = await sourceBalances(pgExecutor(installation.open().database.pg));
      expect(balance).toMatchObject({ received: lines, logged: accepted, duplicates, in_quarantine, lost: 0 });
      await everythingIsRead(installation);
      const found = await installation.rows(
        "select type, count(distinct log_id)::int as items from events.waiting group by type",
      );
      expect(Object.fromEntries(found.map(({ type, items }) => [type, items]))).toEqual(waiting);
    });

    test("answers every question to the cent", { timeout }, async () => {
      expect(await differences(installation, truth)).toEqual([]);
    });

    test("says of every cent whose it is: applied, credit or unattributed", { timeout }, async () => {
      const found = await installation.rows(
        `select currency, sum(amount) as received, sum(applied) as applied, sum(credit) as credit, sum(unattributed) as unattributed
         from marts.fct_payments
         group by currency`,
      );
      expect(compareTruth(truth.money, found, ["currency"])).toEqual([]);
    });
  });

  // Two events that share an id and not a body are left out: of those the first received stands.
  describe("shuffled, with a tenth of its lines twice", () => {
    const installation = testInstallation(afterItsEnd);
    let truth: Truth;

    beforeAll(async () => {
      const written = await write(scale, false);
      truth = written.content;
      const lines = (await readFile(written.events, "utf8")).trimEnd().split("\n");
      const disturbed = shuffled(duplicated(lines, 7, 0.1), 9);
      await installation.takeReceived(readReceived(chunksOf(disturbed), { format: "ndjson" }));
    }, timeout);

    test("gives the same answers", { timeout }, async () => {
      await everythingIsRead(installation);
      expect(await differences(installation, truth)).toEqual([]);
    });
  });
}

async function write(scale: Scale, conflicts: boolean) {
  const rules = await readRewardRules(new URL("../db/seeds/agent_reward_rules.csv", import.meta.url));
  return writeScenario(`${folder}/${scale}-${conflicts}`, { scenario: "jukebox", scale, seed: 1, rules, conflicts });
}

async function everythingIsRead({ open }: TestInstallation): Promise<void> {
  for (const projection of open().domains.flatMap(({ projections }) => projections)) {
    expect(await projectionBalance(pgExecutor(open().database.pg), projection)).toMatchObject({ unread: 0, parked: 0, lost: 0 });
  }
}

async function differences({ ask }: TestInstallation, truth: Truth): Promise<string[]> {
  const found: string[] = [];
  for (const [report, answers] of Object.entries(truth.reports)) {
    for (const { params, rows } of answers) {
      const { grain, ...options } = params;
      const actual = await ask(report, { grain: grain as Grain, options });
      const what = `${report} ${JSON.stringify(params)}`;
      found.push(
        ...compareTruth(rows, actual, keysOf(report, rows)).map((difference) => `${what}: ${JSON.stringify(difference)}`),
      );
    }
  }
  return found;
}

// A reward's currency is a value: plays that no agent gets have none.
function keysOf(report: string, rows: readonly object[]): string[] {
  const names = Object.keys(rows[0] ?? {});
  return ["period", "month", "currency", "product", "agent_id"].filter(
    (name) => names.includes(name) && !(report === "agent-rewards" && name === "currency"),
  );
}

async function* chunksOf(lines: readonly string[]): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < lines.length; at += 1000) yield Buffer.from(`${lines.slice(at, at + 1000).join("\n")}\n`);
}
