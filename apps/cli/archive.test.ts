import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtDatabase } from "@jukebase/domains/built.testing.ts";
import { receivedIn } from "@jukebase/events/archive/archive.testing.ts";
import { connect, type Database, pgExecutor } from "@jukebase/platform";
import type { TestDatabase } from "@jukebase/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerOf, called, type Ran } from "./commands.testing.ts";

let database: TestDatabase;
let connected: Database;
let home: string;

const run = (...args: readonly string[]): Promise<Ran> => called(args, { DATABASE_URL: database.url, JUKEBASE_HOME: home });
const json = async (...args: readonly string[]): Promise<unknown> => answerOf(await run(...args, "--json"));

// Two payments, received in March 2025; the rebuild gives the tables the log ids that the events have since.
beforeAll(async () => {
  database = await builtDatabase();
  home = await mkdtemp(join(tmpdir(), "jukebase-archive-"));
  const lines = [5, 6].map((PaymentAmount) =>
    JSON.stringify({
      id: `p${PaymentAmount}`,
      type: "Payment.PaymentReceived",
      data: { PaymentAmount, OccurredAt: "2025-03-01" },
    }),
  );
  await writeFile(join(home, "events.ndjson"), lines.join("\n"));
  await run("ingest", join(home, "events.ndjson"), "--source", "till");
  connected = await connect(database.url, { max: 2 });
  await receivedIn(pgExecutor(connected.pg), "2025-03");
  expect((await run("rebuild")).code).toBe(0);
});

afterAll(async () => {
  await connected.end();
  await database.drop();
  await rm(home, { recursive: true, force: true });
});

describe("jukebase archive", () => {
  test("policy says what holds, and changes it", async () => {
    expect((await run("archive", "policy")).stdout).toBe("The whole log stays in the database.\n");
    expect(await json("archive", "policy", "--keep-months", "13")).toEqual({ keep_months: 13 });
    expect((await run("archive", "policy")).stdout).toBe("13 whole months of the log stay in the database.\n");
    expect(await json("archive", "policy", "--keep-all")).toEqual({ keep_months: null });
    expect((await run("archive", "policy", "--keep-months", "0")).code).toBe(2);
    expect(await run("archive", "policy", "--keep-months", "1", "--keep-all")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("contradict each other"),
    });
  });

  test("run says dry what it would do, and then does it", async () => {
    expect(await json("archive", "run", "--before", "2025-04", "--dry-run")).toEqual({
      folder: join(home, "archive"),
      dry_run: true,
      partitions: [{ partition: "log_2025_03", rows: 2, file: null, bytes: null, left: null }],
    });
    expect(await json("archive", "list")).toMatchObject({ archives: [] });
    expect((await run("archive", "run", "--before", "2025-13")).code).toBe(2);
    expect((await run("archive", "run", "--before", "2025-04")).stdout).toContain("log_2025_03.ndjson.zst");
    expect(await readdir(join(home, "archive"))).toEqual(["log_2025_03.ndjson.zst"]);
    expect((await run("archive", "run", "--before", "2025-04")).stdout).toContain("No month is old enough");
  });

  test("list shows each archive with its SHA-256 and counts", async () => {
    expect((await run("archive", "list")).stdout).toContain("log_2025_03");
    expect(await json("archive", "list")).toMatchObject({
      archives: [
        {
          partition: "log_2025_03",
          rows: 2,
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          purged_at: null,
          counts: [{ source: "till", type: "Payment.PaymentReceived", changes: false, rows: 2 }],
        },
      ],
    });
    expect(await json("events", "show", "p5", "--source", "till")).toMatchObject({
      archived: { file: "log_2025_03.ndjson.zst" },
    });
  });

  test("is read by a rebuild, which says so", async () => {
    const rebuilt = await run("rebuild", "--verify");
    expect(rebuilt).toMatchObject({ code: 0, stdout: expect.stringContaining("No difference") });
    expect(rebuilt.stderr).toMatch(/Replaying 2 events, 2 of them in 1 archives; this needs about/);
  });

  test("run, purge and rebuild are refused with 5 while somebody is at work on the archives", async () => {
    const holder = await connected.pg.connect();
    await holder.query("select pg_advisory_lock(hashtextextended('events.archive', 0))");
    for (const command of ["archive run", "archive purge --before 2025-04 --why old --yes", "rebuild"])
      expect(await run(...command.split(" "))).toMatchObject({
        code: 5,
        stderr: expect.stringContaining("Another process is at work on the archives"),
      });
    holder.release(true);
  });

  test("purge asks for a reason and a yes, says dry what it would do, and then does it", async () => {
    const purge = ["archive", "purge", "--before", "2025-04"];
    expect((await run(...purge, "--yes")).code).toBe(2);
    expect(await run(...purge, "--why", "old")).toMatchObject({ code: 2, stderr: expect.stringContaining("cannot be undone") });
    expect((await run(...purge, "--why", "old", "--dry-run")).stdout).toContain("Would purge log_2025_03: 2 events");
    expect(await readdir(join(home, "archive"))).toEqual(["log_2025_03.ndjson.zst"]);
    expect(await json(...purge, "--why", "old", "--yes")).toMatchObject({
      partitions: ["log_2025_03"],
      rows: 2,
      dry_run: false,
      event_id: expect.stringMatching(/^archive-purged:log_2025_03:/),
    });
    expect(await readdir(join(home, "archive"))).toEqual([]);
    expect((await run(...purge, "--why", "old", "--yes")).code).toBe(5);
    expect((await run("events", "show", "p5", "--source", "till")).code).toBe(4);
    expect(await run("rebuild", "--verify")).toMatchObject({ code: 0, stdout: expect.stringContaining("No difference") });
  });
});
