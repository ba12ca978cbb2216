import { inBulk, type Projection } from "@jukebase/platform";
import { plays, playsInBulk } from "./projection/plays.ts";
import { songs, songsInBulk } from "./projection/songs.ts";

/** From publications, removals and listenings to songs, artists, albums and plays. Plays are facts; the rest is derived where touched. */
export const projection: Projection = {
  name: "music",
  schema: "music",
  types: ["Music.SongPublished", "Music.SongRemoved", "Music.SongListened"],
  facts: {
    "Music.SongPublished": "song_publication",
    "Music.SongRemoved": "song_removal",
    "Music.SongListened": "play",
  },
  apply: async (db) => {
    for (const statement of [...songs, ...plays]) await db.query(statement);
  },
  bulk: inBulk(songsInBulk, playsInBulk),
};
