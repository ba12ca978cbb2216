import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { load } from "./load.ts";
import { lines, openTestLog, send, type TestLog } from "./log.testing.ts";
import { occurrencesOf } from "./occurrence.ts";
import { visited } from "./shop.testing.ts";
import type { Source } from "./source.ts";
import type { RawEnvelope, Received } from "./sources/index.ts";

let log: TestLog;
let source: Source;

beforeAll(async () => {
  log = await openTestLog();
});
beforeEach(async () => {
  await log.empty();
  source = await log.source();
});
afterAll(() => log?.close());

test("equal items are numbered within their load, or within their request, whatever became of them, whichever are asked for", async () => {
  const broken = (minutes: string) => visited("m", {}, { Minutes: minutes });
  await send(log, source, broken("a"), broken("b"), broken("a"), broken("a"));
  await send(log, source, broken("a"), broken("b"));
  await loadAll(broken("a"), broken("b"), broken("a"), broken("b"), broken("b"));
  await loadAll(broken("b"), broken("a"));
  await log.rows("update events.quarantine set status = 'discarded' where line = 3");
  const wanted = await asDefined();
  expect(wanted.map(({ occurrence }) => occurrence)).toEqual([1, 1, 2, 3, 1, 1, 1, 1, 2, 2, 3, 1, 1]);
  for (const every of [1, 2, 3, 5]) {
    const asked = wanted.filter((_, n) => n % every === every - 1);
    const found = await occurrencesOf(
      log.db,
      asked.map(({ quarantine_id }) => quarantine_id),
    );
    expect([...found].sort()).toEqual(asked.map(({ quarantine_id, occurrence }) => [quarantine_id, occurrence]).sort());
  }
});

// Item by item, as the rule has it.
async function asDefined(): Promise<{ quarantine_id: string; occurrence: number }[]> {
  return (await log.rows(
    `select quarantine_id, (
       select count(*)::int
       from events.quarantine as equal
       where equal.load_id is not distinct from quarantine.load_id
         and (quarantine.load_id is not null or equal.batch_id = quarantine.batch_id)
         and equal.content = quarantine.content
         and equal.quarantine_id <= quarantine.quarantine_id
     ) as occurrence
     from events.quarantine
     order by quarantine_id`,
  )) as { quarantine_id: string; occurrence: number }[];
}

function loadAll(...envelopes: readonly RawEnvelope[]) {
  async function* received(): AsyncGenerator<Received> {
    yield* lines(...envelopes);
  }
  return load(log, received(), { source, name: "visits", chunk: 2 });
}
