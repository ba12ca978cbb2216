import { access, mkdir, writeFile } from "node:fs/promises";
import { domains } from "@jukebase/domains";
import type { OpenedForTest } from "@jukebase/domains/opened.testing.ts";
import { handedOverQueue, inboxOf } from "@jukebase/events/handed-over.ts";
import { pgExecutor } from "@jukebase/platform";
import { auditHead } from "@jukebase/platform/audit.ts";
import { sealFile } from "@jukebase/platform/inbox.ts";
import { deadJobs, listJobs, queueCounts, retryJob } from "@jukebase/platform/job-list.ts";
import { enqueue } from "@jukebase/platform/jobs.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sweep } from "./sweep.ts";
import { projected, receive, testInstallation, until } from "./worker.testing.ts";
import { type RunningWorker, startWorker } from "./worker.ts";

let test: OpenedForTest;
let worker: RunningWorker;
// Stands in for a projection that cannot be applied, for as long as a test says so.
const broken = { sales: false };

beforeAll(async () => {
  test = await testInstallation(
    domains.map((domain) => ({
      ...domain,
      projections: domain.projections.map((projection) => ({
        ...projection,
        apply: async (db) => {
          if (domain.name === "sales" && broken.sales) throw new Error("sales cannot be applied");
          await projection.apply(db);
        },
      })),
    })),
  );
  worker = await startWorker(test.jukebase);
});

afterAll(async () => {
  await worker?.close();
  await test?.close();
});

const names =
  "events.archive events.load events.partitions events.replay marts.refresh music.project platform.sweep sales.project".split(
    " ",
  );

describe("the worker", () => {
  it("makes every queue with its dead letters before it works", async () => {
    const { rows } = await test.jukebase.database.pg.query<{ name: string; policy: string; dead_letter: string | null }>(
      "select name, policy, dead_letter from pgboss.queue where name not like '\\_\\_%' order by name",
    );
    expect(rows.map(({ name }) => name)).toEqual(names.flatMap((name) => [name, `${name}.dead`]));
    expect(rows.find(({ name }) => name === "marts.refresh")).toEqual({
      name: "marts.refresh",
      policy: "exclusive",
      dead_letter: "marts.refresh.dead",
    });
  });

  it("shows its queues also while they hold no job", async () => {
    const counts = await queueCounts(test.jukebase);
    expect([...new Set(counts.map(({ queue }) => queue))]).toEqual(names);
    expect(counts).toContainEqual({ queue: "events.load", state: "created", jobs: 0 });
  });

  it("carries an event that was taken in to the mart, without being asked", async () => {
    await receive(test.jukebase, {
      type: "Music.SongListened",
      id: "l1",
      data: { SongId: "s1", SongCompleted: true, OccurredAt: "2025-03-01T10:00:00Z" },
    });
    await until("the play in a mart", async () => (await exactAt("music")) >= (await tip()));
    expect(await projected(test.jukebase, "music")).toBe(1);
  });

  it("hears of the log again after its ear was cut off", async () => {
    await test.jukebase.database.pg.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'jukebase listener'",
    );
    await receive(test.jukebase, {
      type: "Music.SongListened",
      id: "l2",
      data: { SongId: "s1", SongCompleted: true, OccurredAt: "2025-03-01T11:00:00Z" },
    });
    await until("the second play", async () => (await projected(test.jukebase, "music")) === 2);
  });

  it("goes on with the others when one projection fails, and with that one when it is mended", async () => {
    broken.sales = true;
    await receive(test.jukebase, {
      type: "Sale.CustomerRegistered",
      id: "c1",
      data: { CustomerId: 1, CustomerName: "Ann", OccurredAt: "2025-03-01T10:00:00Z" },
    });
    await receive(test.jukebase, {
      type: "Music.SongListened",
      id: "l3",
      data: { SongId: "s1", SongCompleted: true, OccurredAt: "2025-03-01T12:00:00Z" },
    });
    await until("the third play", async () => (await projected(test.jukebase, "music")) === 3);
    const failed = await until("the failed attempt", async () =>
      (await listJobs(test.jukebase, { queue: "sales.project" })).find(({ state }) => state === "retry"),
    );
    expect(failed).toMatchObject({ error: "sales cannot be applied" });
    // The log says that there is something to do, all the time; yet no second job piles up behind the one that is to be retried.
    await receive(test.jukebase, {
      type: "Music.SongListened",
      id: "l4",
      data: { SongId: "s1", SongCompleted: true, OccurredAt: "2025-03-01T13:00:00Z" },
    });
    await until("the fourth play", async () => (await projected(test.jukebase, "music")) === 4);
    const open = (await listJobs(test.jukebase, { queue: "sales.project" })).filter(({ state }) => state !== "completed");
    expect(open).toHaveLength(1);
    broken.sales = false;
    await until("the customer", async () => (await projected(test.jukebase, "sales")) === 1);
  });

  it("loads a sealed file that was handed over, deletes it, and loads it again without adding anything", async () => {
    const inbox = inboxOf(test.jukebase.config);
    const lines = [listened("p1"), listened("p2"), "{broken"].join("\n");
    for (const file of ["first-plays.ndjson", "again-plays.ndjson"]) {
      expect(await sealFile(inbox, file, test.jukebase.keys.vault, bytes(lines))).toBe(lines.length);
      const id = await enqueue(test.jukebase.database, handedOverQueue, { file, source: "shop" });
      const job = await until("the load", async () =>
        (await listJobs(test.jukebase, { id })).find(({ state }) => state === "completed"),
      );
      const again = file.startsWith("again");
      expect(job.output).toMatchObject({ received: 3, logged: again ? 0 : 2, duplicates: again ? 2 : 0, quarantined: 1 });
      await expect(access(`${inbox}/${file}`)).rejects.toThrow("ENOENT");
    }
  });

  it("loads a plain file with its mapping", async () => {
    const inbox = inboxOf(test.jukebase.config);
    await mkdir(inbox, { recursive: true });
    await writeFile(`${inbox}/plays.csv`, "song,at\ns1,2025-03-02T10:00:00Z\n");
    const mapping = {
      source: "csv",
      kind: "facts",
      type: "Music.SongListened",
      data: { SongId: { column: "song" }, SongCompleted: { value: true }, OccurredAt: { column: "at" } },
    };
    await writeFile(`${inbox}/plays.mapping.json`, JSON.stringify(mapping));
    const id = await enqueue(test.jukebase.database, handedOverQueue, {
      file: "plays.csv",
      mapping: "plays.mapping.json",
      source: "csv",
    });
    const job = await until("the load", async () =>
      (await listJobs(test.jukebase, { id })).find(({ state }) => state !== "created" && state !== "active"),
    );
    expect(job).toMatchObject({ state: "completed", output: { logged: 1 } });
  });

  it("lays a job that cannot be done among the dead letters, where it can be tried again", async () => {
    const inbox = inboxOf(test.jukebase.config);
    const first = await enqueue(test.jukebase.database, handedOverQueue, { file: "late.ndjson", source: "shop" });
    const dead = await until("the dead letter", async () => (await deadJobs(test.jukebase))[0]);
    expect(dead).toMatchObject({
      queue: "events.load",
      first_id: first,
      retries: 0,
      error: "The file late.ndjson is not in the inbox any more.",
      payload: { file: "late.ndjson" },
    });
    expect(await queueCounts(test.jukebase)).toContainEqual({ queue: "events.load", state: "dead", jobs: 1 });
    await sealFile(inbox, "late.ndjson", test.jukebase.keys.vault, bytes(listened("p9")));
    await retryJob(test.jukebase, dead.job_id);
    await until("the load", async () =>
      (await listJobs(test.jukebase, { queue: "events.load" })).some(
        ({ payload, state }) => payload?.file === "late.ndjson" && state === "completed",
      ),
    );
    expect(await deadJobs(test.jukebase)).toEqual([]);
    expect(await listJobs(test.jukebase, { state: "failed" })).toEqual([]);
    await expect(retryJob(test.jukebase, dead.job_id)).rejects.toThrow("There is no job");
  });

  it("sweeps what has ended", async () => {
    const db = pgExecutor(test.jukebase.database.pg);
    await db.query("insert into platform.admin_user (email, password_hash) values ('a@example.com', 'x')");
    await db.query(
      `insert into platform.admin_session (session_hash, admin_user_id, csrf, created_at, seen_at, expires_at)
       select '\\x00', admin_user_id, 'x', now(), now(), now() - interval '1 s'
       from platform.admin_user`,
    );
    await db.query("insert into events.load (source, name, started_at) values ('shop', 'lost', now() - interval '2 days')");
    await db.query(
      "insert into events.occurrence (load_id, content, n) select load_id, uuidv7(), 1 from events.load where name = 'lost'",
    );
    await db.query("insert into vault.day_key (day, salt) values (current_date - 91, ''), (current_date - 90, '')");
    await db.query(
      `insert into events.quarantine (batch_id, ordinal, source, reason, issues, bytes, bytes_day, received_at)
       values (0, 0, 'shop', 'old', '[]', '\\x00', current_date - 91, now() - interval '91 days')`,
    );
    const names = "sessions loads occurrences dead refreshes idempotency files scopes days expired released mart_reads".split(
      " ",
    );
    const nothing = Object.fromEntries(names.map((name) => [name, 0]));
    const swept = { sessions: 1, loads: 1, occurrences: 1, days: 1, expired: 1 };
    expect(await sweep(test.jukebase)).toMatchObject({ ...nothing, ...swept });
    expect(await sweep(test.jukebase)).toEqual({ ...nothing, audit_head: await auditHead(db) });
    expect(await auditHead(db)).toMatch(/^\d+:[0-9a-f]{64}$/);
    expect(await db.query("select actor, after from platform.audit where action = 'privacy.expire'")).toEqual([
      { actor: "job:platform.sweep", after: { days: 1, items: 1 } },
    ]);
    await db.query("delete from events.quarantine where reason = 'old'");
  });

  it("ends soon, and what it had taken on is taken up by the next", async () => {
    const inbox = inboxOf(test.jukebase.config);
    const many = Array.from({ length: 30_000 }, (_, n) => listened(`many-${n}`)).join("\n");
    await sealFile(inbox, "many.ndjson", test.jukebase.keys.vault, bytes(many));
    const id = await enqueue(test.jukebase.database, handedOverQueue, { file: "many.ndjson", source: "shop" });
    await until("the load to run", async () => (await loadRow("many.ndjson"))?.received);
    const began = performance.now();
    await worker.close();
    expect(performance.now() - began).toBeLessThan(9_000);
    const [left] = await listJobs(test.jukebase, { id });
    expect(["retry", "completed"]).toContain(left?.state);
    worker = await startWorker(test.jukebase);
    await until("the rest", async () => (await listJobs(test.jukebase, { id })).some(({ state }) => state === "completed"));
    const { rows } = await test.jukebase.database.pg.query(
      "select count(*)::int as logged from events.log where event_id like 'many-%'",
    );
    expect(rows[0]).toEqual({ logged: 30_000 });
  });
});

function listened(id: string): string {
  return JSON.stringify({
    type: "Music.SongListened",
    id,
    data: { SongId: "s1", SongCompleted: true, OccurredAt: "2025-03-01T10:00:00Z" },
  });
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function tip(): Promise<number> {
  const { rows } = await test.jukebase.database.pg.query<{ seq: number }>(
    "select coalesce(max(seq), 0) as seq from events.batch",
  );
  return rows[0]?.seq as number;
}

/** The least position of a projection that any mart standing on it holds. */
async function exactAt(projection: string): Promise<number> {
  const { rows } = await test.jukebase.database.pg.query<{ seq: number | null }>(
    "select min((positions ->> $1)::bigint) as seq from marts_store.mart where kind <> 'view' and positions ? $1",
    [projection],
  );
  return rows[0]?.seq ?? 0;
}

async function loadRow(name: string): Promise<{ received: number } | undefined> {
  const { rows } = await test.jukebase.database.pg.query<{ received: number }>(
    "select received from events.load where name = $1 and received > 0",
    [name],
  );
  return rows[0];
}
