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

describe("the doctor", () => {
  it("shows how far a running rebuild is, and why another ended", async () => {
    await world.jukebase.database.pg.query(
      `insert into events.rebuild (projections, status, phase, events, done, started_at, updated_at, error)
       values (array['sales'], 'failed', 'checks', 9, '{"sales": 9}', '2026-01-01', '2026-01-01', 'Checks failed: <b>'),
         (array['music'], 'running', 'reading the log', 100, '{"music": 40}', '2026-01-02', '2026-01-02', null)`,
    );
    const page = await client.text("/doctor");
    await world.jukebase.database.pg.query("delete from events.rebuild");
    expect(page).toContain("reading the log; music 40 of 100 events");
    expect(page).toContain("Checks failed: &lt;b&gt;");
  });
});
