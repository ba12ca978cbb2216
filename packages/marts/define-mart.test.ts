import type { Mart } from "@jukebase/platform/mart.ts";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { columnsOf, defineMart } from "./define-mart.ts";

const good: Mart = {
  name: "fct_plays",
  kind: "rollup",
  file: new URL("file:///house/music/marts/fct_plays.sql"),
  description: "Plays per day",
  grain: "one day",
  owner: "music",
  key: ["day"],
  bucket: ["day"],
  row: z.object({ day: z.string().describe("Local day"), plays: z.number().describe("Plays counted") }),
  reads: { "music.play": "select changed.day from changed", "music.device": null },
  freshness_s: 60,
};

describe("defining a mart", () => {
  test("gives it back when nothing is wrong", () => {
    expect(defineMart(good)).toBe(good);
    expect(columnsOf(good)).toEqual([
      { name: "day", description: "Local day" },
      { name: "plays", description: "Plays counted" },
    ]);
  });

  test.each<[string, Partial<Mart>, string]>([
    ["a column without a description", { row: z.object({ day: z.string() }) }, "column day has no description"],
    ["a key that is no column", { key: ["device"] }, "key names device, which is not a column"],
    ["no key", { key: [] }, "key is empty"],
    ["a bucket that is no column", { bucket: ["month"] }, "bucket names month, which is not a column"],
    ["an index on what is no column", { indexes: [["plays", "x"]] }, "an index names x, which is not a column"],
    ["a rollup without a bucket", { bucket: [] }, "a rollup needs bucket"],
    [
      "a read without SQL or null",
      { reads: { "music.play": undefined as unknown as null } },
      'reads["music.play"] gives neither',
    ],
    [
      "SQL that does not look at what changed",
      { reads: { "music.play": "select day from music.play" } },
      'does not read "changed"',
    ],
    ["a read without a schema", { reads: { play: null } }, 'reads names "play": write schema.relation'],
    ["a name that is no identifier", { name: "Plays" }, 'the name "Plays"'],
    ["no owner", { owner: " " }, "owner is empty"],
    ["a schedule that makes it stale", { refresh: { every_s: 61 } }, "every 61 s and counts as stale after 60 s"],
    ["a schedule of no time", { refresh: { every_s: 0 } }, "a whole number of seconds"],
    ["a time that is none", { refresh: { at: "30 25 * * *" } }, '"25" is not among the hours'],
    ["a schedule of what is computed when read", { kind: "view", refresh: { every_s: 60 } }, "refresh says nothing of it"],
  ])("refuses %s, naming the file", (_, wrong, message) => {
    expect(() => defineMart({ ...good, ...wrong })).toThrow(message);
    expect(() => defineMart({ ...good, ...wrong })).toThrow("music/marts/fct_plays.sql: ");
  });
});
