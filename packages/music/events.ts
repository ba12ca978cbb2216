import { decimal, defineEvent, flag, hasAny, id, name, nested, occurredAt, seconds } from "@jukebase/events/contracts/index.ts";
import type { EventContract } from "@jukebase/platform/contract.ts";

const SongId = id("The song.");

/** A play. Version 1 does not say on which device; it counts, unattributed. */
export const songListened = defineEvent({
  type: "Music.SongListened",
  description: "A song was played; every play counts, completed or not.",
  naturalKey: "song_id",
  refers: [
    { kind: "song", column: "song_id" },
    { kind: "device", column: "device_id" },
  ],
  versions: {
    1: { fields: { SongId, SongCompleted: flag("Whether the song was heard to its end."), OccurredAt: occurredAt() } },
    2: {
      fields: {
        SongId,
        DeviceId: id("The device that played it."),
        SongCompleted: flag("Whether the song was heard to its end.").optional(),
        SongCompletedTime: seconds("How many seconds of the song were heard.").optional(),
        OccurredAt: occurredAt(),
      },
      when: hasAny("DeviceId"),
    },
  },
});

/** A song that devices may play. Publishing it again brings it back. */
export const songPublished = defineEvent({
  type: "Music.SongPublished",
  description: "A song was published, published again, or what is known of it changed.",
  naturalKey: "song_id",
  versions: {
    1: {
      fields: {
        SongId,
        SongDetails: nested("What the song is: ArtistName, SongName, SongLength, and AlbumName and SongSizeMb where known.", {
          ArtistName: name("Who made the song."),
          SongName: name("The song's title."),
          AlbumName: name("The album that the song is on.").optional(),
          SongLength: seconds("How long the song is."),
          SongSizeMb: decimal("The size of the song's file in megabytes.", { min: 0 }).optional(),
        }),
        OccurredAt: occurredAt(),
      },
    },
  },
});

/** A song taken away. It waits for its song. */
export const songRemoved = defineEvent({
  type: "Music.SongRemoved",
  description: "A song was removed: it is marked, not deleted.",
  naturalKey: "song_id",
  needs: [{ kind: "song", column: "song_id" }],
  versions: { 1: { fields: { SongId, OccurredAt: occurredAt() } } },
});

/** The contracts that the music domain reads: songs and their plays. */
export const musicEvents: readonly EventContract[] = [songListened, songPublished, songRemoved];
