import type { OpenedForTest } from "@jukebase/domains/opened.testing.ts";
import { deadJobs } from "@jukebase/platform/job-list.ts";
import { jobSchema, withBoss } from "@jukebase/platform/jobs.ts";
import { PgBoss } from "pg-boss";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projected, receive, testInstallation, until } from "./worker.testing.ts";
import { type RunningWorker, startWorker } from "./worker.ts";

let test: OpenedForTest;
let worker: RunningWorker;

beforeAll(async () => {
  test = await testInstallation();
  worker = await startWorker(test.jukebase);
});

afterAll(async () => {
  await worker?.close();
  await test?.close();
});

describe("the next worker", () => {
  it("takes up what a worker left that died, even when that was the last attempt the job had", async () => {
    await worker.close();
    await leaveLostJob("sales.project");
    await test.jukebase.database.pg.query("update pgboss.job set retry_count = retry_limit where name = 'sales.project'");
    await receive(test.jukebase, registered(1));
    worker = await startWorker(test.jukebase);
    await until("the customer", async () => (await projected(test.jukebase, "sales")) === 1);
    expect(await deadJobs(test.jukebase)).toEqual([]);
  });

  it("is not held up by what was noted of its queues while the job of a worker that died still seemed to run", async () => {
    await worker.close();
    await leaveLostJob("sales.project");
    await monitor();
    await receive(test.jukebase, registered(2));
    worker = await startWorker(test.jukebase);
    await until("the customer", async () => (await projected(test.jukebase, "sales")) === 2);
  });

  it("makes a queue anew that an older version made with another policy", async () => {
    await worker.close();
    await withBoss(test.jukebase.database, async (boss) => {
      await boss.deleteQueue("sales.project");
      await boss.createQueue("sales.project", { policy: "stately" });
      await boss.send("sales.project");
      await boss.fetch("sales.project");
      await boss.send("sales.project");
    });
    await receive(test.jukebase, registered(3));
    worker = await startWorker(test.jukebase);
    await until("the customer", async () => (await projected(test.jukebase, "sales")) === 3);
    const { rows } = await test.jukebase.database.pg.query("select policy from pgboss.queue where name = 'sales.project'");
    expect(rows).toEqual([{ policy: "exclusive" }]);
  });
});

function registered(customer: number): Record<string, unknown> {
  return {
    type: "Sale.CustomerRegistered",
    id: `c${customer}`,
    data: { CustomerId: customer, CustomerName: "Bob", OccurredAt: "2025-03-01T10:00:00Z" },
  };
}

/** A job as a worker leaves it that is killed while it runs: taken, and without a sign of life for a minute. */
async function leaveLostJob(queue: string): Promise<void> {
  await withBoss(test.jukebase.database, async (boss) => {
    await boss.send(queue);
    expect(await boss.fetch(queue)).toHaveLength(1);
  });
  await test.jukebase.database.pg.query(
    "update pgboss.job set heartbeat_on = now() - interval '1 minute' where name = $1 and state = 'active'",
    [queue],
  );
}

/** What any worker's queue does every few seconds: writes down what runs, and has what seems dead tried again. */
async function monitor(): Promise<void> {
  await test.jukebase.database.pg.query("update pgboss.queue set monitor_claim_on = null, monitor_on = null");
  const boss = new PgBoss({ connectionString: test.jukebase.database.url, schema: jobSchema, supervise: false, schedule: false });
  await boss.start();
  await boss.supervise();
  await boss.stop({ graceful: false });
}
