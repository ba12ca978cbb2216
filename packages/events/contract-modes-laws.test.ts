import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setModes } from "./contract-modes.ts";
import { everyType, modeNames } from "./contracts/index.ts";
import { openTestLog, send, type TestLog } from "./log.testing.ts";
import { replay } from "./replay.ts";
import type { RawEnvelope } from "./sources/index.ts";
import { sourceBalances } from "./status.ts";

let log: TestLog;

beforeAll(async () => {
  log = await openTestLog();
});
afterAll(() => log?.close());

const secret = "canary-of-a-person";
const odd = fc.oneof(fc.constantFrom<unknown>(secret, null, "", 5, "5", "1.50", true, { x: secret }, [secret]), fc.jsonValue());
const told = fc.constantFrom<unknown>("m", "n", 7);
const body = fc.record(
  {
    MemberId: told,
    MemberName: fc.constantFrom<unknown>("Ann", "", [secret]),
    Phone: odd,
    Email: odd,
    Minutes: fc.oneof(fc.nat(9), fc.constantFrom<unknown>(secret, "")),
    Spent: odd,
    Remark: odd,
    OccurredAt: fc.constantFrom<unknown>("2025-01-01T00:00:00Z", "2025-02-01", secret, null),
  },
  { requiredKeys: ["MemberId"] },
);
const envelope = fc.record(
  {
    type: fc.constantFrom("Shop.MemberJoined", "Shop.VisitMade", "Shop.Unheard"),
    id: fc.constantFrom("a", "b", "c", "d", "e", "f"),
    version: fc.constantFrom<unknown>(1, "1", "1-0-0", "1-0-1", 9),
    time: fc.constant("2025-01-05T00:00:00Z"),
    data: body,
  },
  { requiredKeys: ["type", "data"] },
) as fc.Arbitrary<RawEnvelope>;
const mode = fc.constantFrom(null, ...modeNames);
const modes = fc.record({ tables: mode, columns: mode, data_type: mode });
const cases = fc.record({ first: modes, later: modes, sent: fc.array(envelope, { minLength: 1, maxLength: 12 }) });

test("under any modes, set and changed: nothing is lost, nothing is counted twice, and no value of a person stands unsealed", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ first, later, sent }) => {
      await log.empty();
      const source = await log.source();
      await setModes(log, everyType, first, { actor: "test:ann" });
      const verdicts = await send(log, source, ...sent);
      await setModes(log, everyType, later, { actor: "test:ann" });
      await replay(log, {});
      await send(log, source, ...sent);
      const [mine] = (await sourceBalances(log.db)).filter((each) => each.source === source.source);
      expect(verdicts).toHaveLength(sent.length);
      expect(mine).toMatchObject({ received: 2 * sent.length, lost: 0 });
      expect(await unlinked()).toEqual([]);
      expect(await telling()).toEqual([]);
    }),
    { numRuns: 60 },
  );
}, 120_000);

// What was taken out of an event names a logged event, at most once.
function unlinked(): Promise<Record<string, unknown>[]> {
  return log.rows(
    `select value_of
     from events.quarantine
     left join events.log on log.event_key = value_of
     where status = 'discarded-value'
     group by value_of
     having count(*) > 1 or count(log.event_key) = 0`,
  );
}

async function telling(): Promise<string[]> {
  const tables = [
    "events.log",
    "events.quarantine",
    "events.batch",
    "events.key",
    "events.observation",
    "platform.audit",
    "vault.value",
  ];
  const found: string[] = [];
  for (const table of tables) {
    const [row] = await log.rows(
      `select count(*)::int as n from ${table} as row where to_jsonb(row)::text like $1 or to_jsonb(row)::text like $2`,
      [`%${secret}%`, `%${Buffer.from(secret).toString("hex")}%`],
    );
    if (row?.n !== 0) found.push(table);
  }
  return found;
}
