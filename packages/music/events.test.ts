import { columnsOf } from "@jukebase/events/contracts/index.ts";
import type { Dialect, EventContract } from "@jukebase/platform/contract.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { musicEvents, songListened, songPublished, songRemoved } from "./events.ts";

const dialect: Dialect = { timeZone: "UTC", currency: "USD" };
const at = { OccurredAt: "01/01/01" };

const acceptedBody = (contract: EventContract, body: unknown, version?: number) => {
  const result = contract.normalise(body, version, undefined, dialect);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
};

const issuesOf = (contract: EventContract, body: unknown, version?: number) => {
  const result = contract.normalise(body, version, undefined, dialect);
  return result.ok ? [] : result.issues.map(({ path, code }) => `${path} ${code}`);
};

const SongDetails = { ArtistName: "TESTNAME", SongName: "TESTNAME", AlbumName: "TESTNAME", SongLength: 180, SongSizeMb: 78 };
const published = { SongId: "123", SongDetails, ...at };
const listened = { SongId: "123", SongCompleted: true, ...at };

describe("the seed's own examples are accepted", () => {
  test.each([
    [songListened, listened],
    [songPublished, published],
    [songRemoved, { SongId: "123", ...at }],
  ])("$type of 01/01/01 happened on 1 January 2001", (contract, body) => {
    expect(acceptedBody(contract, body)).toMatchObject({ version: 1, occurredAt: "2001-01-01T00:00:00Z" });
  });
});

describe("a song", () => {
  test.each([
    [258, "258"],
    ["258", "258"],
    ["4:18", "258"],
    ["1:02:03", "3723"],
  ])("of length %j lasts %s seconds", (SongLength, length) => {
    const { data } = acceptedBody(songPublished, { ...published, SongDetails: { ...SongDetails, SongLength } });
    expect(columnsOf(songPublished, data)).toMatchObject({ song_length: length });
  });

  test("may have a title that is a number and a size with a fraction", () => {
    const { data } = acceptedBody(songPublished, {
      ...published,
      SongDetails: { ...SongDetails, SongName: 1999, SongSizeMb: 8.5 },
    });
    expect(columnsOf(songPublished, data)).toMatchObject({ song_name: "1999", song_size_mb: "8.5" });
  });

  test("has an artist, a title and a length", () => {
    expect(issuesOf(songPublished, { SongId: 1, SongDetails: {}, ...at })).toEqual([
      "$.SongDetails.ArtistName missing",
      "$.SongDetails.SongName missing",
      "$.SongDetails.SongLength missing",
    ]);
    expect(issuesOf(songPublished, { SongId: 1, ...at })).toEqual(["$.SongDetails missing"]);
  });

  test("that is removed must have been published", () => {
    expect(songRemoved.needs).toEqual([{ kind: "song", column: "song_id" }]);
  });
});

describe("a play", () => {
  test("that names its device is of version 2", () => {
    const value = acceptedBody(songListened, {
      SongId: 1,
      DeviceId: "0190f3c2-5a77-7b1e-8c7e-0d7c8a1b2c3d",
      SongCompletedTime: "4:18",
      ...at,
    });
    expect(value.version).toBe(2);
    expect(columnsOf(songListened, value.data)).toEqual({
      song_id: "1",
      device_id: "0190f3c2-5a77-7b1e-8c7e-0d7c8a1b2c3d",
      song_completed: null,
      song_completed_time: "258",
    });
  });

  test("of version 1 has the columns of version 2, of no device", () => {
    const value = acceptedBody(songListened, { ...listened, SongCompletedTime: 12 });
    expect(value).toMatchObject({ version: 1, unknown: { SongCompletedTime: 12 } });
    expect(columnsOf(songListened, value.data, 1)).toEqual({
      song_id: "123",
      device_id: null,
      song_completed: true,
      song_completed_time: null,
    });
  });

  test("says true or false, not yes", () => {
    expect(acceptedBody(songListened, { ...listened, SongCompleted: "false" }).data).toMatchObject({ SongCompleted: false });
    expect(issuesOf(songListened, { ...listened, SongCompleted: "yes" })).toEqual(["$.SongCompleted not-a-flag"]);
  });

  test("may precede its song and its device", () => {
    expect([songListened.needs, songListened.refers.map(({ kind }) => kind)]).toEqual([[], ["song", "device"]]);
  });
});

test.each(musicEvents)("no JSON whatever makes $type throw", (contract) => {
  const names = contract.columns.map(({ path }) => path[0] ?? "");
  const body = fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...names, "OccurredAt", "Payment"), fc.jsonValue()));
  fc.assert(
    fc.property(body, (sent) => {
      expect(contract.normalise(sent, undefined, "2024-01-01", dialect)).toHaveProperty("ok");
    }),
    { numRuns: 2000 },
  );
});
