import { readdir } from "node:fs/promises";
import { verifyAudit } from "@jukebase/platform/audit.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { outcomesOf, project, send } from "../log.testing.ts";
import { showEvent } from "../log.ts";
import { joined, retracted, shop, visited } from "../shop.testing.ts";
import type { Source } from "../source.ts";
import { projectionBalance, sourceBalances } from "../status.ts";
import { type ArchivingLog, archived, openArchivingLog, pictureOf, projectedAnew, receivedIn } from "./archive.testing.ts";
import { withArchives } from "./attach.ts";
import { archives } from "./list.ts";
import { type Purged, purgeArchives } from "./purge.ts";
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

// December is archived; January, which is not, changes some of it, and waits for some of it.
async function decemberAndJanuary(): Promise<void> {
  await send(
    log,
    source,
    joined("m", { id: "j" }),
    visited("m", { id: "v" }),
    visited("x", { id: "w" }),
    visited("m", { id: "u" }),
  );
  await send(
    log,
    source,
    visited("m", { id: "gone" }),
    retracted("gone", { id: "r" }),
    visited("m", { id: "early", amends: "late" }),
  );
  await receivedIn(log.db, "2024-12");
  await project(log);
  await archived(log, "2025-01");
  await send(log, source, visited("m", { id: "a", amends: "v" }, { Minutes: 33 }), visited("m", { id: "late" }, { Minutes: 1 }));
  await project(log);
}

function purge(before = "2025-01", actor = "cli:test"): Promise<Purged> {
  return purgeArchives({ ...log, projections: [shop] }, { before, why: "kept long enough", actor });
}

async function lawsHold(): Promise<void> {
  expect((await sourceBalances(log.db)).filter(({ lost }) => lost !== 0)).toEqual([]);
  expect(await projectionBalance(log.db, shop)).toMatchObject({ lost: 0, unread: 0 });
  const live = await pictureOf(log, shop, false);
  await withArchives(log, () => projectedAnew(log, shop));
  expect(await pictureOf(log, shop, false)).toEqual(live);
  expect(await projectionBalance(log.db, shop)).toMatchObject({ lost: 0, unread: 0 });
}

describe("a purge", () => {
  test("deletes the files, and a rebuild from the opening state equals what is live", async () => {
    await decemberAndJanuary();
    const live = await pictureOf(log, shop, false);
    const [december] = await archives(log.db);
    const purged = await purge();
    expect(purged).toMatchObject({ partitions: ["log_2024_12"], rows: 7, through: december?.last_seq });
    expect(await readdir(log.archive)).toEqual([]);
    expect(await pictureOf(log, shop, false)).toEqual(live);
    await lawsHold();
  });

  test("is an event with all that it did, and stands in the audit log", async () => {
    await decemberAndJanuary();
    const { event_id } = await purge();
    const event = await showEvent(log.db, event_id, "jukebase");
    expect(event).toMatchObject({ type: "Log.ArchivePurged", source: "jukebase", occurred_at: "2025-03-01T12:00:00Z" });
    expect(JSON.parse(String(event.data.Opening)).shop.map(({ table }: { table: string }) => table)).toEqual([
      "joining",
      "member",
      "visit",
    ]);
    expect(JSON.parse(String(event.data.Files))).toEqual([
      { file: "log_2024_12.ndjson.zst", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect((await verifyAudit(log.db)).broken).toEqual([]);
    expect(
      await log.rows("select object, why from platform.audit where action = 'archive.purge' order by seq desc limit 1"),
    ).toEqual([{ object: "log_2024_12", why: "kept long enough" }]);
  });

  test("does not forget identities: what was purged is still a duplicate, and says that it was purged", async () => {
    await decemberAndJanuary();
    await purge();
    expect(outcomesOf(await send(log, source, joined("m", { id: "j" }), joined("z", { id: "j" })))).toEqual([
      "duplicate",
      "quarantined",
    ]);
    await expect(showEvent(log.db, "u", source.source, log.archive)).rejects.toThrow("it was archived on");
    await lawsHold();
  });

  test("closes what it purged: an amendment or retraction that comes later is parked, and its fact stays", async () => {
    await decemberAndJanuary();
    await purge();
    await send(
      log,
      source,
      visited("m", { id: "late-amendment", amends: "u" }, { Minutes: 99 }),
      retracted("j", { id: "late-retraction" }),
    );
    await project(log);
    const parked = await log.rows("select error from events.parked where generation = 1");
    expect(parked).toEqual([{ error: expect.stringMatching(/^purged: /) }, { error: expect.stringMatching(/^purged: /) }]);
    expect(await log.rows("select minutes from shop.visit where event_id = 'u'")).toEqual([{ minutes: 5 }]);
    expect(await log.rows("select member_id from shop.joining where event_id = 'j'")).toEqual([{ member_id: "m" }]);
    await lawsHold();
  });

  test("leaves in the log what changes speak of, so that a change of a change still finds it", async () => {
    await decemberAndJanuary();
    await purge();
    await send(log, source, retracted("a", { id: "no-amendment" }));
    await project(log);
    expect(await log.rows("select minutes from shop.visit where event_id = 'v'")).toEqual([{ minutes: 5 }]);
    await lawsHold();
  });

  test("leaves in the log who waits, so that a change that comes later applies to it", async () => {
    await decemberAndJanuary();
    await purge();
    await send(log, source, retracted("w", { id: "no-w" }));
    await project(log);
    expect(await log.rows("select 1 as found from shop.visit where event_id = 'w'")).toEqual([]);
    expect(await log.rows("select 1 as found from events.parked where generation = 1")).toEqual([]);
    await lawsHold();
  });

  test("does not stand in the way of who waits: a purged visit is released by its member, and waits again without it", async () => {
    await decemberAndJanuary();
    await purge();
    await send(log, source, joined("x", { id: "x" }));
    await project(log);
    expect(await log.rows("select 1 as found from events.waiting where generation = 1 and needs_kind = 'member'")).toEqual([]);
    await lawsHold();
    await send(log, source, retracted("x", { id: "no-x" }));
    await project(log);
    expect(await log.rows("select needs_id from events.waiting where generation = 1 and needs_kind = 'member'")).toEqual([
      { needs_id: "x" },
    ]);
    await lawsHold();
  });

  test("after a purge starts from the earlier opening state", async () => {
    await decemberAndJanuary();
    await receivedIn(log.db, "2025-01");
    await log.rows("update shop.visit set log_id = key.log_id from events.key where key.event_key = visit.event_key");
    await log.rows("update events.waiting set log_id = key.log_id from events.key where key.event_key = waiting.event_key");
    const earlier = await purge();
    await archived(log, "2025-02");
    await send(log, source, visited("m", { id: "b", amends: "late" }, { Minutes: 44, OccurredAt: "2025-02-10T00:00:00Z" }));
    await project(log);
    const live = await pictureOf(log, shop, false);
    const january = (await archives(log.db))[1];
    expect(await purge("2025-02")).toMatchObject({ partitions: ["log_2025_01"], through: january?.last_seq });
    expect(january?.last_seq).toBeGreaterThan(earlier.through);
    expect(await pictureOf(log, shop, false)).toEqual(live);
    await lawsHold();
  });

  test("that was killed before it deleted the files is finished by the next run", async () => {
    await decemberAndJanuary();
    await log.rows("update events.archive set purged_at = now()");
    await runArchive(log, { actor: "cli:test" });
    expect(await readdir(log.archive)).toEqual([]);
  });

  test("refuses an opening state that was changed by hand", async () => {
    await decemberAndJanuary();
    await purge();
    await log.rows("update shop__opening.visit set minutes = 6 where event_id = 'u'");
    await expect(projectedAnew(log, shop)).rejects.toThrow("The opening state shop__opening.visit is not what the purge left");
  });

  test("needs a reason, and something to purge", async () => {
    await expect(
      purgeArchives({ ...log, projections: [shop] }, { before: "2025-01", why: " ", actor: "cli:test" }),
    ).rejects.toThrow("Say why");
    await expect(purge()).rejects.toThrow("No archive holds a month before 2025-01");
  });
});
