import { beforeEach, describe, expect, test } from "vitest";
import { testInstallation } from "./installation.testing.ts";
import { allocation, amended, customer, location, payment, plays, removal, retracted, song } from "./sent.testing.ts";

const { take, ask, rows, empty } = testInstallation();

const place = [customer("c"), location("l", "c")];
const january = "2025-01-10T10:00:00Z";
const february = "2025-02-03T12:00:00Z";
const march = "2025-03-04T12:00:00Z";

beforeEach(empty);

describe("a song", () => {
  test("removed stays, marked, and comes back when it is published again", async () => {
    await take([song("s", january), removal("s", february)]);
    expect(await songs()).toEqual([{ song_name: "Song s", is_removed: true, removed_at: "2025-02-03 12:00:00+00" }]);
    await take([song("s", march, { SongName: "Remastered" })]);
    expect(await songs()).toEqual([{ song_name: "Remastered", is_removed: false, removed_at: null }]);
  });

  test("is not removed by a removal that is older than its publication, however late it comes", async () => {
    await take([song("s", march)]);
    await take([removal("s", february)]);
    expect(await songs()).toMatchObject([{ is_removed: false }]);
  });

  test("whose removal never happened is there again", async () => {
    const removed = removal("s", february);
    await take([song("s", january), removed]);
    await take([retracted(removed)]);
    expect(await songs()).toMatchObject([{ is_removed: false, removed_at: null }]);
  });

  test("must have been published to be removed: the removal waits", async () => {
    await take([removal("s", february)]);
    expect(await rows("select type, needs_kind, needs_id from events.waiting")).toEqual([
      { type: "Music.SongRemoved", needs_kind: "song", needs_id: "s" },
    ]);
    await take([song("s", january)]);
    expect(await rows("select from events.waiting")).toEqual([]);
    expect(await songs()).toMatchObject([{ is_removed: true }]);
  });

  test("takes artist and album along, and leaves none behind when they are corrected", async () => {
    const published = song("s", january, { AlbumName: "First" });
    await take([published]);
    await take([amended(published, { SongDetails: { ArtistName: "The Bend", SongName: "S", SongLength: "3:00" } })]);
    expect(await rows("select artist_name from music.artist")).toEqual([{ artist_name: "The Bend" }]);
    expect(await rows("select album_name from music.album")).toEqual([]);
  });
});

describe("a play", () => {
  test("counts once, even on a song and a device that nobody knows", async () => {
    const played = plays(1, "ghost", january);
    await take(played);
    await take(played);
    expect(await rows("select device_id, song_name, is_song_known from marts.fct_plays")).toEqual([
      { device_id: "ghost", song_name: null, is_song_known: false },
    ]);
    expect(await ask("agent-rewards")).toMatchObject([
      { month: "2025-01-01", agent_id: null, plays: 1, rank: null, reward: null },
    ]);
  });

  test("without a device is unattributed", async () => {
    await take([...place, allocation("d", "l", january), ...plays(3, undefined, february)]);
    expect(await ask("agent-rewards")).toMatchObject([{ agent_id: null, plays: 3 }]);
  });

  test("before the first allocation of its device is unattributed", async () => {
    await take([...place, allocation("d", "l", february), ...plays(2, "d", january), ...plays(1, "d", february)]);
    expect(await ask("agent-rewards")).toMatchObject([
      { month: "2025-01-01", agent_id: null, plays: 2 },
      { month: "2025-02-01", agent_id: "ann", plays: 1 },
    ]);
  });

  test("is the agent's who allocated the device at the time, whenever we hear of it", async () => {
    await take([...place, allocation("d", "l", january), ...plays(4, "d", march)]);
    expect(await rewarded()).toEqual(["ann 4 plays"]);
    await take([allocation("d", "l", february, { agent: "bob" })]);
    expect(await rewarded()).toEqual(["bob 4 plays"]);
  });

  test("is completed by its word, else by as many seconds as its song has, once the song is known", async () => {
    const bySeconds = { SongCompleted: undefined, SongCompletedTime: "3:00" };
    const tooFew = { SongCompleted: undefined, SongCompletedTime: 179 };
    const stopped = { SongCompleted: false, SongCompletedTime: 180 };
    await take([...place, allocation("d", "l", january)]);
    await take([bySeconds, tooFew, stopped, {}].flatMap((more) => plays(1, "d", february, more)));
    expect(await ask("agent-rewards", { options: { completed_only: true } })).toMatchObject([{ agent_id: "ann", plays: 1 }]);
    await take([song("s", march)]);
    expect(await ask("agent-rewards", { options: { completed_only: true } })).toMatchObject([{ agent_id: "ann", plays: 2 }]);
    expect(await ask("agent-rewards")).toMatchObject([{ agent_id: "ann", plays: 4 }]);
  });
});

describe("sold devices only", () => {
  test("leaves out what is open, and forgets the sale that a reversal reopened", async () => {
    const paid = payment("p", 100, february, { device: "sold" });
    const both = [allocation("sold", "l", january), allocation("open", "l", january, { agent: "bob" })];
    await take([...place, ...both, paid, ...plays(1, "sold", march), ...plays(5, "open", march)]);
    expect(await rewarded({ sold_only: true })).toEqual(["ann 1 plays"]);
    await take([retracted(paid)]);
    expect(await rewarded({ sold_only: true })).toEqual([]);
    expect(await rewarded()).toEqual(["bob 5 plays", "ann 1 plays"]);
  });
});

describe("the most used device alone", () => {
  test("counts instead of the sum of an agent's devices", async () => {
    const three = [
      allocation("a", "l", january),
      allocation("b", "l", january),
      allocation("big", "l", january, { agent: "bob" }),
    ];
    await take([...place, ...three, ...plays(3, "a", march), ...plays(2, "b", march), ...plays(4, "big", march)]);
    expect(await rewarded()).toEqual(["ann 5 plays", "bob 4 plays"]);
    expect(await rewarded({ by: "device" })).toEqual(["bob 4 plays", "ann 3 plays"]);
  });

  test("is one device, though an agent allocated it twice in the month", async () => {
    const twice = [allocation("a", "l", "2025-03-01T00:00:00Z"), allocation("a", "l", "2025-03-03T00:00:00Z")];
    await take([...place, ...twice, ...plays(2, "a", "2025-03-02T00:00:00Z"), ...plays(3, "a", march)]);
    expect(await rewarded({ by: "device" })).toEqual(["ann 5 plays"]);
  });
});

async function rewarded(options: Record<string, unknown> = {}): Promise<string[]> {
  const found = await ask("agent-rewards", { options });
  return found.filter(({ agent_id }) => agent_id !== null).map((row) => `${row.agent_id} ${row.plays} plays`);
}

function songs(): Promise<Record<string, unknown>[]> {
  return rows("select song_name, is_removed, removed_at::text from marts.dim_songs");
}
