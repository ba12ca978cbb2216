import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ProjectionFate, projectionFates } from "./fate.ts";
import { eventKey } from "./identity.ts";
import { openTestLog, project, send, type TestLog } from "./log.testing.ts";
import { showEvent } from "./log.ts";
import { joined, retracted, shop, visited } from "./shop.testing.ts";
import type { Source } from "./source.ts";

let log: TestLog;
let source: Source;

beforeAll(async () => {
  log = await openTestLog();
});

beforeEach(async () => {
  await log.empty();
  source = await log.source();
});

afterAll(() => log?.close());

async function fate(id: string): Promise<ProjectionFate> {
  const event = await showEvent(log.db, eventKey(source.source, id));
  const changes = event.amends !== null || event.retracts !== null;
  const [only, ...others] = await projectionFates(log.db, [shop], { ...event, changes });
  expect(others).toEqual([]);
  return only as ProjectionFate;
}

async function rowOf(table: string, id: string): Promise<ProjectionFate["rows"]> {
  const [row] = await log.rows(`select log_id from shop.${table} where event_id = $1`, [id]);
  return [{ table: `shop.${table}`, key: { log_id: row?.log_id } }];
}

describe("what a projection made of an event", () => {
  test("is nothing until it has read it, then the row it stands in", async () => {
    await send(log, source, joined("m", { id: "j" }));
    expect(await fate("j")).toEqual({ projection: "shop", state: "not-read", rows: [], waits_for: [], parked: null });
    await project(log);
    expect(await fate("j")).toMatchObject({ state: "projected", rows: await rowOf("joining", "j") });
  });

  test("is that it waits, for whom and since when, until the parent comes", async () => {
    await send(log, source, visited("m", { id: "v" }));
    await project(log);
    expect(await fate("v")).toMatchObject({
      state: "waiting",
      rows: await rowOf("visit", "v"),
      waits_for: [{ kind: "member", id: "m", since: "2025-03-01T12:00:00Z" }],
    });
    await send(log, source, joined("m", { id: "j" }));
    await project(log);
    expect(await fate("v")).toMatchObject({ state: "projected", waits_for: [] });
  });

  test("is the row of what it changes, also through another change; and nothing more once it is retracted", async () => {
    await send(log, source, joined("m", { id: "j" }), visited("m", { id: "v" }));
    await send(log, source, visited("m", { id: "a", amends: "v" }), visited("m", { id: "b", amends: "a" }));
    await project(log);
    for (const id of ["a", "b"]) expect(await fate(id)).toMatchObject({ state: "changed", rows: await rowOf("visit", "v") });
    await send(log, source, retracted("v", { id: "r" }));
    await project(log);
    expect(await fate("v")).toMatchObject({ state: "withdrawn", rows: [] });
    expect(await fate("r")).toMatchObject({ state: "changed", rows: [] });
  });

  test("is the error where it was parked", async () => {
    await log.db.query("alter table shop.visit add constraint visit_is_short check (minutes < 100)");
    await send(log, source, joined("m", { id: "j" }), visited("m", { id: "v" }, { Minutes: 500 }));
    await project(log);
    const parked = { error: expect.stringContaining("visit_is_short"), since: "2025-03-01T12:00:00Z" };
    expect(await fate("v")).toMatchObject({ state: "parked", rows: [], parked });
  });
});
