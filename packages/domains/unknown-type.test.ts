import { declareSource, factId, modesNow, releaseKnown, replay, setModes, showQuarantine, take } from "@jukebase/events";
import { lines } from "@jukebase/events/log.testing.ts";
import { pgExecutor } from "@jukebase/platform";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { domains } from "./index.ts";
import { type Jukebase, openJukebase } from "./open.ts";
import { type OpenedForTest, openedForTest } from "./opened.testing.ts";

const withoutMusic = domains.filter(({ name }) => name === "sales");
const withMusic = domains.filter(({ name }) => name !== "finance");
const song = (id: string | undefined, title: string) => ({
  ...(id === undefined ? {} : { id }),
  type: "Music.SongPublished",
  data: { SongId: title, SongDetails: { ArtistName: "A", SongName: title, SongLength: "4:18" }, OccurredAt: "2025-06-01" },
});

let test_: OpenedForTest;
let before: Jukebase;
let after: Jukebase;

beforeAll(async () => {
  test_ = await openedForTest({ domains: withoutMusic });
  before = test_.jukebase;
});
beforeEach(async () => {
  await before.database.pg.query(
    "truncate events.log, events.key, events.batch, events.quarantine, events.contract_mode cascade",
  );
});
afterAll(async () => {
  await after?.close();
  await test_?.close();
});

const sources = { source: "till" };
const rows = async (text: string) => (await before.database.pg.query(text)).rows;

async function sent(scope: string | undefined, ...envelopes: object[]): Promise<string[]> {
  const source = await declareSource(pgExecutor(before.database.pg), sources.source);
  const verdicts = await take(before, lines(...(envelopes as never[])), { source, scope });
  return verdicts.map(({ outcome }) => outcome);
}

async function reopened(): Promise<Jukebase> {
  after ??= await openJukebase(before.config, { domains: withMusic, clock: before.clock, connections: 3 });
  return after;
}

test("an event of a type that nobody knows waits, and is logged once the same installation knows it", async () => {
  expect(await sent(undefined, song("s1", "Ten"), song("s2", "Eleven"))).toEqual(["quarantined", "quarantined"]);
  const [held] = await rows("select quarantine_id, type, reason, status from events.quarantine order by quarantine_id");
  expect(held).toMatchObject({ type: "Music.SongPublished", reason: "unknown-type", status: "open" });
  expect(await replay(before, { type: "Music.SongPublished" })).toMatchObject({ taken: 2, logged: 0, left: 2 });

  const knowing = await reopened();
  expect((await showQuarantine(pgExecutor(knowing.database.pg), knowing.keys, held.quarantine_id)).issues).toHaveLength(1);
  expect(await replay(knowing, { type: "Music.SongPublished", reason: "unknown-type" })).toEqual({
    taken: 2,
    logged: 2,
    duplicates: 0,
    left: 0,
  });
  expect(await rows("select event_id, type from events.log order by event_id")).toEqual([
    { event_id: "s1", type: "Music.SongPublished" },
    { event_id: "s2", type: "Music.SongPublished" },
  ]);
  expect(await replay(knowing, { type: "Music.SongPublished" })).toMatchObject({ taken: 0 });
});

test("without an id it gets the one that it would have had at its receipt, so that sending it again adds nothing", async () => {
  await sent("request-1", song(undefined, "Ten"), song(undefined, "Ten"), song(undefined, "Eleven"));
  const knowing = await reopened();
  expect(await replay(knowing, { reason: "unknown-type" })).toMatchObject({ taken: 3, logged: 3 });
  const source = await declareSource(pgExecutor(knowing.database.pg), sources.source);
  const again = await take(knowing, lines(song(undefined, "Ten"), song(undefined, "Ten"), song(undefined, "Eleven")), {
    source,
    scope: "request-1",
  });
  expect(again.map(({ outcome }) => outcome)).toEqual(["duplicate", "duplicate", "duplicate"]);
  const [content] = await rows("select content from events.quarantine order by quarantine_id limit 1");
  expect(again[0]?.id).toBe(factId("till", "Music.SongPublished", content.content, 1, "request-1"));
});

test("by itself when the mode of its type for tables is evolve, and only then", async () => {
  await sent(undefined, song("s1", "Ten"));
  const knowing = await reopened();
  expect(await releaseKnown(knowing)).toMatchObject({ taken: 0 });
  await setModes(knowing, "Music.SongPublished", { tables: "evolve" }, { actor: "test:ann" });
  expect(await modesNow(knowing)).toBeDefined();
  expect(await releaseKnown(knowing)).toEqual({ taken: 1, logged: 1, duplicates: 0, left: 0 });
  expect(await rows("select event_id from events.log")).toEqual([{ event_id: "s1" }]);
});
