import { givenRows, key } from "@jukebase/marts/given-rows.testing.ts";
import { test } from "vitest";
import { dimSongs } from "./dim_songs.ts";
import { others } from "./others.testing.ts";

const given = givenRows(dimSongs, { others });

const song = { artist_key: key(1), length_s: "258", published_at: "2025-01-01T00:00:00Z", is_removed: false };

test("a removed song stays, marked; one without an album is there, too", async () => {
  await given(
    {
      "music.artist": [{ artist_key: key(1), artist_name: "The Band" }],
      "music.album": [{ album_key: key(2), album_name: "First" }],
      "music.song": [
        {
          ...song,
          song_key: key(11),
          song_id: "1",
          song_name: "1999",
          album_key: key(2),
          is_removed: true,
          removed_at: "2025-02-01T00:00:00Z",
        },
        { ...song, song_key: key(12), song_id: "2", song_name: "Other", size_mb: "8.50" },
      ],
    },
    [
      {
        song_id: "1",
        album_name: "First",
        is_removed: true,
        removed_at: "2025-02-01T00:00:00Z",
        artist_name: "The Band",
        size_mb: null,
      },
      { song_id: "2", album_name: null, is_removed: false, removed_at: null, artist_name: "The Band", size_mb: "8.5" },
    ],
  );
});
