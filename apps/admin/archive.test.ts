import { archives, setArchivePolicy } from "@jukebase/events";
import { pgExecutor } from "@jukebase/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, newClient } from "./client.testing.ts";
import { openWorld, type World } from "./world.testing.ts";

let world: World;
let client: Client;

beforeAll(async () => {
  world = await openWorld();
  client = newClient(world.admin.url);
  await client.signIn();
});
afterAll(() => world?.close());

describe("the page of archives", () => {
  it("says that the whole log stays where nobody set a policy, and how to set one", async () => {
    const page = await client.text("/events/archive");
    expect(page).toContain("The whole log stays in the database");
    expect(page).toContain("jukebase archive policy --keep-months 13");
    expect(page).toContain("Nothing is archived.");
    expect(await client.text("/events")).toContain('href="/events/archive"');
  });

  it("shows the policy, and each archive with its batches and whether it was purged", async () => {
    const db = pgExecutor(world.jukebase.database.pg);
    await setArchivePolicy(db, { keep_months: 6 }, { actor: "cli:test", at: world.jukebase.clock.now() });
    await db.query(
      `insert into events.archive (partition, from_log_id, to_log_id, first_seq, last_seq, rows, file, sha256, bytes, archived_at, purged_at)
       values ('log_2024_01', $1, $2, 3, 7, 42, 'log_2024_01.ndjson.zst', $3, 1234, '2026-01-05', '2026-02-06')`,
      ["018cc251-f400-0000-0000-000000000000", "018d61f8-d000-0000-0000-000000000000", "a".repeat(64)],
    );
    expect(await archives(db)).toHaveLength(1);
    const page = await client.text("/events/archive");
    expect(page).toContain("6 whole months stay in the database");
    for (const told of ["log_2024_01.ndjson.zst", "3 to 7", ">42<", "2026-02-06"]) expect(page).toContain(told);
  });
});
