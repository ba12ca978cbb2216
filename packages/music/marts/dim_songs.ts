import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per song. */
export const dimSongs = defineMart({
  name: "dim_songs",
  kind: "view",
  file: new URL("./dim_songs.sql", import.meta.url),
  description: "Songs and who made them.",
  grain: "One row per song.",
  owner: "music",
  key: ["song_key"],
  row: z.object({
    song_key: z.uuid().describe("Surrogate key of the song."),
    song_id: z.string().describe("The song's id as its source writes it."),
    song_name: z.string().describe("Title."),
    artist_name: z.string().describe("Who performs it."),
    album_name: z.string().nullable().describe("The album it is on."),
    length_s: z.string().describe("Length in seconds."),
    size_mb: z.string().nullable().describe("Size in megabytes."),
    is_removed: z.boolean().describe("Whether it is removed now."),
    published_at: z.string().describe("When it was last published."),
    removed_at: z.string().nullable().describe("When it was removed, if it is."),
  }),
  reads: {
    "music.song": null,
    "music.artist": null,
    "music.album": null,
  },
  freshness_s: 60,
  tests: [
    { test: "not_null", column: "song_name" },
    { test: "not_null", column: "artist_name" },
    { test: "expression", sql: "length_s >= 0" },
    { test: "expression", sql: "size_mb >= 0" },
    { test: "expression", sql: "is_removed = (removed_at is not null)" },
  ],
});
