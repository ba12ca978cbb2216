import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { zstdDecompressSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { projectionFates } from "../fate.ts";
import { outcomesOf, project, send, somebodyWaits } from "../log.testing.ts";
import { showEvent } from "../log.ts";
import { catchUp } from "../projection/run.ts";
import { joined, retracted, shop, visited } from "../shop.testing.ts";
import type { Source } from "../source.ts";
import { projectionBalance, sourceBalances } from "../status.ts";
import { awaitedParents } from "../waiting.ts";
import { type ArchivingLog, archived, openArchivingLog, pictureOf, projectedAnew, receivedIn } from "./archive.testing.ts";
import { withArchives } from "./attach.ts";
import { archiveCounts, archives } from "./list.ts";
import { aloneWithArchives } from "./lock.ts";
import { setArchivePolicy } from "./policy.ts";
import { runArchive } from "./run.ts";

let log: ArchivingLog;
let source: Source;

beforeAll(async () => {
  log = await openArchivingLog();
});
beforeEach(async () => {
  await log.empty();
  source = await log.source();
});
afterAll(() => log?.close());

// One of everything that can become of an event, received in December 2024 and projected.
async function december(): Promise<void> {
  await send(log, source, joined("m", { id: "j" }), visited("m", { id: "v" }, { Spent: "12.3400" }), visited("x", { id: "w" }));
  await send(log, source, visited("m", { id: "gone" }), retracted("gone", { id: "r" }), visited("m", { id: "a", amends: "v" }));
  await send(log, source, visited("m", { id: "later", amends: "not-yet" }));
  await receivedIn(log.db, "2024-12");
  await project(log);
}

async function nothingIsLost(): Promise<void> {
  expect((await sourceBalances(log.db)).filter(({ lost }) => lost !== 0)).toEqual([]);
  expect(await projectionBalance(log.db, shop)).toMatchObject({ lost: 0, unread: 0 });
}

describe("archiving", () => {
  test("takes a partition that is over out of the log and keeps every column of every row exactly", async () => {
    await send(log, source, joined("m", { id: "j" }, { Phone: "+1 555 0100", Extra: "not in the contract" }));
    await send(log, source, visited("m", { id: "v" }, { Spent: "12345678901234567890.1234500" }));
    await receivedIn(log.db, "2024-12");
    await log.rows("update events.log set occurred_at = '2024-12-01 10:00:00.123456+00' where event_id = 'v'");
    await project(log);
    const before = await log.rows("select log::text as row from events.log order by log_id");
    const [outcome] = await archived(log, "2025-01");
    expect(outcome).toMatchObject({ partition: "log_2024_12", rows: 2, file: "log_2024_12.ndjson.zst", left: undefined });
    expect(await log.rows("select 1 as found from events.log")).toEqual([]);
    await withArchives(log, async () => {
      expect(await log.rows("select log::text as row from events.log order by log_id")).toEqual(before);
    });
    expect(await log.rows("select 1 as found from events.log")).toEqual([]);
  });

  test("writes NDJSON whose SHA-256, rows and counts are written down", async () => {
    await december();
    await archived(log, "2025-01");
    const [archive] = await archives(log.db);
    const content = zstdDecompressSync(await readFile(`${log.archive}/log_2024_12.ndjson.zst`));
    expect(createHash("sha256").update(content).digest("hex")).toBe(archive?.sha256);
    const lines = content.toString().trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).event_id)).toEqual(["j", "v", "w", "gone", "r", "a", "later"]);
    expect(archive).toMatchObject({ rows: 7, purged_at: null, attached_at: null });
    expect(await archiveCounts(log.db, "log_2024_12")).toEqual([
      { source: source.source, type: "Shop.MemberJoined", changes: false, rows: 1 },
      { source: source.source, type: "Shop.VisitMade", changes: false, rows: 3 },
      { source: source.source, type: "Shop.VisitMade", changes: true, rows: 3 },
    ]);
  });

  test("leaves both equations as they were, event for event, and who waits for whom", async () => {
    await december();
    const awaited = async (): Promise<unknown> =>
      (await awaitedParents(log.db, log.clock.now())).map(({ id, events }) => [id, events]);
    const before = [await sourceBalances(log.db), await projectionBalance(log.db, shop), await awaited()];
    await archived(log, "2025-01");
    expect([await sourceBalances(log.db), await projectionBalance(log.db, shop), await awaited()]).toEqual(before);
    await nothingIsLost();
  });

  test.each([
    ["a fact", "delete from shop.visit where event_id = 'v'"],
    ["a retraction", "delete from events.change where how = 'retracts'"],
    ["a count of the archive", "update events.archive_count set rows = rows + 1 where changes"],
  ])("does not hide that %s of an archived event is missing", async (_, statement) => {
    await december();
    await archived(log, "2025-01");
    await log.rows(statement);
    const balances = [...(await sourceBalances(log.db)), await projectionBalance(log.db, shop)];
    expect(balances.filter(({ lost }) => lost !== 0)).not.toEqual([]);
  });

  test("does not forget identities: what is archived is still a duplicate, or a conflict", async () => {
    await december();
    await archived(log, "2025-01");
    const again = await send(log, source, joined("m", { id: "j" }), joined("other", { id: "j" }));
    expect(outcomesOf(again)).toEqual(["duplicate", "quarantined"]);
    await project(log);
    await nothingIsLost();
  });

  test("waits for every projection and for a rebuild, and says for which", async () => {
    await december();
    await log.rows("update events.checkpoint set seq = seq - 1");
    expect((await archived(log, "2025-01"))[0]?.left).toMatch("the projection shop has read up to");
    await project(log);
    await log.rows("insert into events.checkpoint (projection, generation) values ('shop', 2)");
    expect((await archived(log, "2025-01"))[0]?.left).toMatch("a rebuild of shop");
    expect(await archives(log.db)).toEqual([]);
  });

  test("follows the policy: nothing without one, whole months with one; dry, it only says what it would do", async () => {
    await december();
    expect(await runArchive(log, { actor: "cli:test" })).toEqual([]);
    await setArchivePolicy(log.db, { keep_months: 3 }, { actor: "cli:test", at: log.clock.now() });
    expect(await runArchive(log, { actor: "cli:test" })).toEqual([]);
    await setArchivePolicy(log.db, { keep_months: 2 }, { actor: "cli:test", at: log.clock.now() });
    expect(await runArchive(log, { actor: "cli:test", dryRun: true })).toMatchObject([
      { partition: "log_2024_12", rows: 7, file: null },
    ]);
    expect(await archives(log.db)).toEqual([]);
    expect(await runArchive(log, { actor: "cli:test" })).toMatchObject([
      { partition: "log_2024_12", file: "log_2024_12.ndjson.zst" },
    ]);
    await setArchivePolicy(log.db, { keep_months: undefined }, { actor: "cli:test", at: log.clock.now() });
    await expect(archived(log, "2025-04")).rejects.toThrow("2025-04 has not begun");
    await expect(archived(log, "2025-13")).rejects.toThrow("is not a month");
  });

  test("is done by one at a time", async () => {
    await aloneWithArchives(log.database, async () => {
      await expect(archived(log, "2025-01")).rejects.toThrow("Another process is at work on the archives");
    });
  });

  test("starts again after it was killed: a file without its row is written anew", async () => {
    await december();
    await writeFile(`${log.archive}/log_2024_12.ndjson.zst`, "half of something");
    await writeFile(`${log.archive}/log_2024_12.ndjson.zst.writing`, "less");
    await archived(log, "2025-01");
    await withArchives(log, async () => {
      expect((await log.rows("select count(*)::int as rows from events.log"))[0]).toEqual({ rows: 7 });
    });
    expect((await readdir(log.archive)).filter((name) => name.endsWith(".writing"))).toEqual([]);
  });

  test("keeps what tells of persons out of the files", async () => {
    await send(
      log,
      source,
      joined("m", { id: "j" }, { Phone: "+15550100", Email: "canary@example.org", Extra: "canary-unknown" }),
    );
    await receivedIn(log.db, "2024-12");
    await project(log);
    await archived(log, "2025-01");
    const content = zstdDecompressSync(await readFile(`${log.archive}/log_2024_12.ndjson.zst`)).toString();
    expect(content).not.toMatch(/5550100|canary/);
    expect(content).toMatch(/tok_/);
  });
});

describe("an archived event", () => {
  const changes = [
    visited("m", { id: "a2", amends: "v" }, { Minutes: 50, OccurredAt: "2025-02-20T00:00:00Z" }),
    retracted("j", { id: "no-member" }),
    retracted("r", { id: "not-gone" }),
    visited("x", { id: "not-yet" }),
    retracted("a", { id: "no-amendment" }),
  ];

  test.each([
    ["at once", 20_000],
    ["step by step", 1],
  ])("is amended, retracted and waited for as if it stood in the log (%s)", async (_, events_max) => {
    await december();
    for (const change of changes) await send(log, source, change);
    await catchUp(shop, { ...log, events_max });
    const unarchived = await pictureOf(log, shop);

    await log.empty();
    source = await log.source({ namespace: source.namespace });
    await december();
    await archived(log, "2025-01");
    for (const change of changes) await send(log, source, change);
    await catchUp(shop, { ...log, events_max });
    const names = (rows: string[]): string[] =>
      rows.map((row) => row.replaceAll(/"(event_key|source|needs_id|needs_key)": "[^"]*"/g, "")).sort();
    expect(names(await pictureOf(log, shop))).toEqual(names(unarchived));
    await nothingIsLost();

    const live = await pictureOf(log, shop, false);
    await withArchives(log, () => projectedAnew(log, shop));
    expect(await pictureOf(log, shop, false)).toEqual(live);
    await nothingIsLost();
  });

  test("is changed while it stands in the log for a rebuild, and counted as ever when it is out again", async () => {
    await december();
    await archived(log, "2025-01");
    await withArchives(log, async () => {
      await send(log, source, retracted("j", { id: "no-j" }), visited("m", { id: "w2", amends: "w" }));
      await project(log);
      await nothingIsLost();
    });
    await nothingIsLost();
    await send(log, source, retracted("w", { id: "no-w" }));
    await project(log);
    await nothingIsLost();
  });

  test("that is changed in the moment in which it leaves the log is counted as ever", async () => {
    await december();
    const reader = await log.database.pg.connect();
    await reader.query("begin");
    await reader.query("lock table events.log in access share mode");
    const archiving = archived(log, "2025-01");
    await somebodyWaits(log);
    await send(log, source, retracted("j", { id: "no-j" }));
    await project(log);
    await reader.query("commit");
    reader.release();
    expect(await archiving).toMatchObject([{ left: undefined }]);
    await nothingIsLost();
  });

  test("is shown with what became of it as before; what changes it, and left the log too, by its receipt", async () => {
    await december();
    const told = (): Promise<unknown[]> =>
      Promise.all(
        ["j", "v", "w", "gone", "r", "a"].map(async (id) => {
          const { archived: _, changed_by, ...event } = await showEvent(log.db, id, source.source, log.archive);
          const changes = event.amends !== null || event.retracts !== null;
          return {
            event,
            how: changed_by.map(({ how }) => how),
            fates: await projectionFates(log.db, [shop], { ...event, changes }),
          };
        }),
      );
    const before = await told();
    await archived(log, "2025-01");
    expect(await told()).toEqual(before);
    const { event_key } = await showEvent(log.db, "a", source.source, log.archive);
    const v = await showEvent(log.db, "v", source.source, log.archive);
    expect(v.changed_by).toEqual([{ event_id: event_key, how: "amends" }]);
  });

  test("cannot be projected from the beginning without its archive: that is refused, not skipped", async () => {
    await december();
    await archived(log, "2025-01");
    await send(log, source, joined("n", { id: "n" }));
    await expect(projectedAnew(log, shop)).rejects.toThrow("are archived. Use jukebase rebuild");
  });

  test("whose file is damaged or gone fails what needs it, with the file's name, and nothing else", async () => {
    await december();
    await archived(log, "2025-01");
    const path = `${log.archive}/log_2024_12.ndjson.zst`;
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 10));
    await expect(withArchives(log, async () => {})).rejects.toThrow(`${path} is damaged`);
    const flipped = Buffer.from(bytes);
    flipped[bytes.length >> 1] = (flipped[bytes.length >> 1] as number) ^ 1;
    await writeFile(path, flipped);
    await expect(withArchives(log, async () => {})).rejects.toThrow("is damaged");
    await send(log, source, joined("n", { id: "n" }));
    await project(log);
    await send(log, source, retracted("v", { id: "rv" }));
    await promisify(execFile)("rm", [path]);
    await expect(project(log)).rejects.toThrow("cannot be read. Put the file back");
    await writeFile(path, bytes);
    await project(log);
    await nothingIsLost();
  });

  test("that stood in the log again when its rebuild was killed goes back with the next run", async () => {
    await december();
    await archived(log, "2025-01");
    await send(log, source, retracted("v", { id: "rv" }));
    await project(log);
    let kept: unknown[] = [];
    await withArchives(log, async () => {
      kept = await log.rows("select * from events.archive where attached_at is not null");
      await nothingIsLost();
    });
    expect(kept).toHaveLength(1);
    expect(await log.rows("select 1 as found from events.archive where attached_at is not null")).toEqual([]);
    await nothingIsLost();
  });
});
