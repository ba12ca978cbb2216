import { type OpenedForTest, openedForTest } from "@jukebase/domains/opened.testing.ts";
import { aloneWithArchives, archives, catchUp, declareSource, type Received, setArchivePolicy, take } from "@jukebase/events";
import { receivedIn } from "@jukebase/events/archive/archive.testing.ts";
import { type Executor, pgExecutor } from "@jukebase/platform";
import { afterAll, beforeAll, expect, it } from "vitest";
import { archiveQueue } from "./queues.ts";
import { workOf } from "./work.ts";

let test: OpenedForTest;
let db: Executor;

beforeAll(async () => {
  test = await openedForTest({ connections: 4 });
  db = pgExecutor(test.jukebase.database.pg);
  const source = await declareSource(db, "shop");
  const envelope = { type: "Payment.PaymentReceived", id: "p", data: { PaymentAmount: 5, OccurredAt: "2025-03-01" } };
  const received: Received = { line: 1, end: 0, bytes: Buffer.from(JSON.stringify(envelope)), outcome: { ok: true, envelope } };
  await take(test.jukebase, [received], { source });
  await receivedIn(db, "2025-03");
});
afterAll(() => test?.close());

const job = async (interrupted = false): Promise<object | undefined> =>
  workOf(test.jukebase).get(archiveQueue)?.(test.jukebase, undefined, () => interrupted);

it("archives nothing without a policy", async () => {
  expect(await job()).toEqual({ archived: [], left: [] });
});

it("follows the policy, and says what stays and why", async () => {
  await setArchivePolicy(db, { keep_months: 9 }, { actor: "cli:test", at: test.jukebase.clock.now() });
  expect(await job()).toMatchObject({
    archived: [],
    left: [{ partition: "log_2025_03", left: expect.stringContaining("has read up to 0") }],
  });
  for (const projection of test.jukebase.domains.flatMap((domain) => domain.projections))
    await catchUp(projection, test.jukebase);
  expect(await job(true)).toEqual({ archived: [], left: [] });
  expect(await aloneWithArchives(test.jukebase.database, () => job())).toEqual({ busy: true });
  expect(await archives(db)).toEqual([]);
  expect(await job()).toMatchObject({ archived: [{ partition: "log_2025_03", rows: 1 }], left: [] });
  expect(await archives(db)).toMatchObject([{ partition: "log_2025_03", rows: 1 }]);
});
