import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per listening. */
export const fctPlays = defineMart({
  name: "fct_plays",
  kind: "view",
  file: new URL("./fct_plays.sql", import.meta.url),
  description: "Every listening.",
  grain: "One row per listening.",
  owner: "music",
  key: ["play_id"],
  row: z.object({
    play_id: z.uuid().describe("The listening."),
    device_id: z.string().nullable().describe("The device it was played on, where its event says so."),
    song_id: z.string().describe("The song's id as its source writes it."),
    song_name: z.string().nullable().describe("Title, where the song is known."),
    is_completed: z.boolean().nullable().describe("Whether it was heard to the end; empty when that cannot be told."),
    listened_s: z.string().nullable().describe("Seconds heard, where its event says so."),
    has_device: z.boolean().describe("Whether the event names a device."),
    is_song_known: z.boolean().describe("Whether the song has been published."),
    played_at: z.string().describe("When it was played."),
    played_on: z.string().describe("Business date of that."),
  }),
  reads: {
    "music.play": null,
    "music.song": null,
  },
  freshness_s: 60,
  tests: [
    { test: "not_null", column: "song_id" },
    { test: "not_null", column: "played_on" },
    { test: "expression", sql: "listened_s >= 0" },
    { test: "expression", sql: "is_song_known = (song_name is not null)" },
    { test: "relationships", columns: ["song_id"], mart: "dim_songs", to: ["song_id"], where: "is_song_known" },
    { test: "freshness", column: "played_at", within_s: 2 * 86_400, severity: "warn" },
    { test: "volume_anomaly", at: "played_on", seasonality: "weekday" },
    { test: "column_anomaly", at: "played_on", column: "device_id", measure: "null_share", direction: "spike" },
    { test: "column_anomaly", at: "played_on", column: "song_name", measure: "null_share", direction: "spike" },
  ],
});
