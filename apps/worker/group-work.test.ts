import type { OpenedForTest } from "@jukebase/domains/opened.testing.ts";
import { declareSource, groupWorkQueue, listGroupWork, openGroupWork, type Received, take } from "@jukebase/events";
import { pgExecutor } from "@jukebase/platform";
import { listJobs } from "@jukebase/platform/job-list.ts";
import { enqueue } from "@jukebase/platform/jobs.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { testInstallation, until } from "./worker.testing.ts";
import { type RunningWorker, startWorker } from "./worker.ts";

let installation: OpenedForTest;
let worker: RunningWorker;

beforeAll(async () => {
  installation = await testInstallation();
  worker = await startWorker(installation.jukebase);
});
afterAll(async () => {
  await worker?.close();
  await installation?.close();
});

test("mends and replays a group that was handed over, and brings what came of it to the tables", async () => {
  const data = { Song: "s1", SongCompleted: true, OccurredAt: "2025-03-03T10:00:00Z" };
  await receive({ type: "Music.SongListened", id: "renamed", data });
  const [choice, ada] = [{ type: "Music.SongListened" }, { actor: "console:ada@example.com" }];
  const before = await projected("music");
  for (const expression of ["rename $.data.Song to $.data.SongId", undefined]) {
    const job = await openGroupWork(installation.jukebase, choice, ada, expression);
    const id = await enqueue(installation.jukebase.database, groupWorkQueue, job, job.work);
    const done = await until("the group", async () =>
      (await listJobs(installation.jukebase, { id })).find(({ state }) => state === "completed"),
    );
    expect(done.output).toMatchObject(expression === undefined ? { logged: 1, left: 0 } : { changed: 1, sound: 1 });
  }
  expect(await listGroupWork(pgExecutor(installation.jukebase.database.pg), 1)).toMatchObject([
    { items: 1, done: 1, error: null },
  ]);
  await until("the play in its table", async () => (await projected("music")) === before + 1);
});

async function receive(envelope: Record<string, unknown>): Promise<void> {
  const { jukebase } = installation;
  const source = await declareSource(pgExecutor(jukebase.database.pg), "shop");
  const received: Received = { line: 1, end: 0, bytes: Buffer.from(JSON.stringify(envelope)), outcome: { ok: true, envelope } };
  const [verdict] = await take(jukebase, [received], { source });
  expect(verdict).toMatchObject({ outcome: "quarantined" });
}

async function projected(name: string): Promise<number> {
  const projection = installation.jukebase.domains.flatMap((domain) => domain.projections).find((one) => one.name === name);
  const tables = Object.values(projection?.facts ?? {}).map((table) => `select log_id from ${projection?.schema}.${table}`);
  const { rows } = await installation.jukebase.database.pg.query<{ facts: number }>(
    `select count(*)::int as facts from (${tables.join(" union all ")}) as facts`,
  );
  return rows[0]?.facts ?? 0;
}
