import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openTestLog, project, send, type TestLog } from "../log.testing.ts";
import { joined, retracted, shop, visited } from "../shop.testing.ts";
import type { Source } from "../source.ts";
import { projectionBalance } from "../status.ts";

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

describe("an event whose parent has not come", () => {
  test("waits, says for whom, and is released by the parent", async () => {
    await send(log, source, visited("m", { id: "v1" }), visited("m", { id: "v2" }), visited("n", { id: "v3" }));
    await project(log);
    expect(await waiting()).toEqual(["v1 member m", "v2 member m", "v3 member n"]);
    expect(await balance()).toMatchObject({ events: 3, projected: 0, waiting: 3, lost: 0 });
    await send(log, source, joined("m", { id: "j" }));
    await project(log);
    expect(await waiting()).toEqual(["v3 member n"]);
    expect(await balance()).toMatchObject({ events: 4, projected: 3, waiting: 1, lost: 0 });
  });

  test("never waits when the parent stands behind it in the same step", async () => {
    await send(log, source, visited("m", { id: "v" }));
    await send(log, source, joined("m", { id: "j" }));
    await project(log);
    expect(await waiting()).toEqual([]);
  });

  test("waits again when the parent is retracted, and is released when another comes", async () => {
    await send(log, source, joined("m", { id: "j" }), visited("m", { id: "v" }));
    await project(log);
    await send(log, source, retracted("j", { id: "r", type: "Shop.MemberJoined" }));
    await project(log);
    expect(await waiting()).toEqual(["v member m"]);
    expect(await balance()).toMatchObject({ events: 3, waiting: 1, changes: 1, withdrawn: 1, lost: 0 });
    await send(log, source, joined("m", { id: "j2" }));
    await project(log);
    expect(await waiting()).toEqual([]);
  });

  test("waits no longer when it is retracted, or amended to another parent", async () => {
    await send(log, source, joined("m", { id: "j" }), visited("x", { id: "v1" }), visited("x", { id: "v2" }));
    await project(log);
    await send(log, source, retracted("v1", { id: "r" }), visited("m", { id: "a", amends: "v2" }));
    await project(log);
    expect(await waiting()).toEqual([]);
    expect(await balance()).toMatchObject({ events: 5, projected: 2, changes: 2, withdrawn: 1, waiting: 0, lost: 0 });
  });

  test("does not take a namesake of another namespace for its parent", async () => {
    const other = await log.source();
    await send(log, source, visited("m", { id: "v" }));
    await send(log, other, joined("m", { id: "j" }));
    await project(log);
    expect(await waiting()).toEqual(["v member m"]);
    const sibling = await log.source({ namespace: source.namespace });
    await send(log, sibling, joined("m", { id: "j" }));
    await project(log);
    expect(await waiting()).toEqual([]);
  });
});

describe("a change whose target has not come", () => {
  test("waits for it, and its arrival releases it", async () => {
    await send(log, source, retracted("v", { id: "r" }), visited("m", { id: "a", amends: "w" }));
    await project(log);
    expect((await waiting()).map((text) => text.split(" ").slice(0, 2).join(" "))).toEqual(["a event", "r event"]);
    expect(await balance()).toMatchObject({ events: 2, waiting: 2, changes: 0, lost: 0 });
    await send(log, source, visited("m", { id: "v" }), visited("m", { id: "w" }));
    await project(log);
    expect((await waiting()).filter((text) => text.includes("event"))).toEqual([]);
    expect(await balance()).toMatchObject({ events: 4, changes: 2, withdrawn: 1, waiting: 1, lost: 0 });
  });

  test("waits also when the only other event of its step is parked", async () => {
    await log.rows("alter table shop.visit add constraint visit_is_not_unlucky check (minutes <> 13)");
    await send(log, source, retracted("nobody", { id: "r" }), visited("m", { id: "v" }, { Minutes: 13 }));
    await project(log);
    await log.rows("alter table shop.visit drop constraint visit_is_not_unlucky");
    expect(await balance()).toMatchObject({ events: 2, waiting: 1, parked: 1, changes: 0, lost: 0 });
  });
});

async function waiting(): Promise<string[]> {
  const rows = await log.rows(
    `select log.event_id || ' ' || needs_kind || ' ' || needs_id as text
     from events.waiting
     join events.log using (log_id)
     order by 1`,
  );
  return rows.map(({ text }) => text as string);
}

function balance(): ReturnType<typeof projectionBalance> {
  return projectionBalance(log.db, shop);
}
