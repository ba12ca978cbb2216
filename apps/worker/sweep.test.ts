import type { OpenedForTest } from "@jukebase/domains/opened.testing.ts";
import { pgExecutor } from "@jukebase/platform";
import { withBoss } from "@jukebase/platform/jobs.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sweep } from "./sweep.ts";
import { testInstallation } from "./worker.testing.ts";

let test: OpenedForTest;

beforeAll(async () => {
  test = await testInstallation();
  await withBoss(test.jukebase.database, async () => {}); // The queue's tables are made by the first who needs them.
});

afterAll(() => test?.close());

it("forgets Idempotency-Keys after a day, and not before", async () => {
  const db = pgExecutor(test.jukebase.database.pg);
  await db.query(
    `insert into platform.idempotency (source, key_hash, body_hash, answer, received_at)
     values ('shop', 'old', '', '', $1::timestamptz - interval '25 hours'), ('shop', 'new', '', '', $1::timestamptz - interval '23 hours')`,
    [test.jukebase.clock.now().toISOString()],
  );
  expect(await sweep(test.jukebase)).toMatchObject({ idempotency: 1 });
  expect(await db.query("select convert_from(key_hash, 'utf8') as key from platform.idempotency")).toEqual([{ key: "new" }]);
});
