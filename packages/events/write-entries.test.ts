import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { take } from "./load.ts";
import { lines, openTestLog, outcomesOf, type TestLog } from "./log.testing.ts";
import { joined, visited } from "./shop.testing.ts";
import type { RawEnvelope } from "./sources/index.ts";

let log: TestLog;

beforeAll(async () => {
  log = await openTestLog();
});
beforeEach(() => log.empty());
afterAll(() => log.close());

// With everything that a row of the log can hold, and with what does not get there.
function mixture(): RawEnvelope[] {
  const visits = Array.from({ length: 500 }, (_, n) =>
    visited(
      `m${n % 7}`,
      { id: `v-${n}` },
      { Minutes: String(n), Spent: n % 3 === 0 ? "1.50" : undefined, Mood: n % 5 === 0 ? `é${n}` : undefined },
    ),
  );
  const members = Array.from({ length: 20 }, (_, n) =>
    joined(`m${n}`, { id: `j-${n}` }, { Phone: `0${n}`, Email: `m${n}@example.com` }),
  );
  return [
    ...visits,
    ...members,
    visited("m1", { id: "v-3" }, { Minutes: "3", Spent: "1.50" }),
    visited("m1", { id: "v-4" }, { Minutes: "999" }),
    visited("m1", { id: "v-5-mended", amends: "v-5" }),
    { type: "Shop.VisitMade", id: "v-6-gone", retracts: "v-6" },
    visited("m1", { id: "broken" }, { Minutes: "many" }),
    { ...visits[7] },
  ];
}

test("many entries at once stand in the log as few at a time do", async () => {
  const pictures: unknown[] = [];
  const answers: string[][] = [];
  for (const size of [1000, 25]) {
    await log.empty();
    const source = { ...(await log.source()), source: "same", namespace: "same" };
    await log.db.query("insert into events.source (source, namespace) values ('same', 'same') on conflict do nothing");
    const items = lines(...mixture());
    const outcomes: string[] = [];
    for (let at = 0; at < items.length; at += size)
      outcomes.push(...outcomesOf(await take(log, items.slice(at, at + size), { source })));
    answers.push(outcomes);
    pictures.push(
      await log.rows(
        `select event_key, type, version, normaliser, source, event_id, occurred_at, data, sent, unknown is null as known, unknown_day, amends, retracts,
           body, key.log_id = log.log_id as claimed
         from events.log
         join events.key using (event_key)
         order by event_id`,
      ),
      await log.rows("select target_key, change_key, how from events.change order by change_key"),
      await log.rows("select token, subject, field from vault.value order by token"),
      await log.rows("select event_id, reason, type from events.quarantine order by event_id"),
    );
  }
  expect(answers[0]).toEqual(answers[1]);
  expect(pictures.slice(0, 4)).toEqual(pictures.slice(4));
  const counted = Map.groupBy(answers[0] as string[], (outcome) => outcome);
  expect(counted.get("accepted")).toHaveLength(522);
  expect(counted.get("duplicate")).toHaveLength(1);
  expect(counted.get("quarantined")).toHaveLength(3);
});

test("log ids rise with the place in the batch and are of this moment", async () => {
  const source = await log.source();
  await take(log, lines(...Array.from({ length: 600 }, (_, n) => visited("m", { id: `v-${n}` }))), { source });
  const [row] = await log.rows(
    `select
       bool_and(log_id > before) as rising, count(distinct log_id) as ids, bool_and(uuid_extract_version(log_id) = 7) as version_7,
       bool_and(abs(extract(epoch from clock_timestamp() - uuid_extract_timestamp(log_id))) < 60) as of_now
     from (select log_id, lag(log_id) over (order by ordinal) as before from events.log) as placed`,
  );
  expect(row).toEqual({ rising: true, ids: 600, version_7: true, of_now: true });
});

test("two batches with the same new keys in other orders share them out, whoever comes first", async () => {
  const source = await log.source();
  for (let round = 0; round < 5; round += 1) {
    const events = Array.from({ length: 1000 }, (_, n) => visited("m", { id: `v-${round}-${n}` }));
    const answers = await Promise.all([events, events.toReversed()].map((order) => take(log, lines(...order), { source })));
    const outcomes = Map.groupBy(answers.flatMap(outcomesOf), (outcome) => outcome);
    expect(outcomes.get("accepted")).toHaveLength(1000);
    expect(outcomes.get("duplicate")).toHaveLength(1000);
  }
  const [row] = await log.rows(
    "select count(*) as logged, count(distinct event_key) as keys, count(*) filter (where key.log_id = log.log_id) as claimed from events.log join events.key using (event_key)",
  );
  expect(row).toEqual({ logged: 5000, keys: 5000, claimed: 5000 });
});
