import type { Faker } from "@faker-js/faker";
import { dayMs } from "../instants.ts";
import { type Random, weightedIndex } from "../random.ts";
import type { Song } from "../truth/facts.ts";
import { type Calendar, type Day, officeHours } from "./calendar.ts";
import type { Ids, WorldEvent } from "./events.ts";
import { lateBy } from "./lateness.ts";
import { naturalId } from "./registrations.ts";
import type { Size } from "./size.ts";

/** The songs in order of publication, and the events that publish, remove and publish them again. */
export type Catalogue = { readonly songs: readonly Song[]; readonly events: readonly WorldEvent[] };

/** A catalogue that starts with half of its songs and grows; the first artists have the most of them. */
export function makeCatalogue(size: Size, calendar: Calendar, ids: Ids, faker: Faker, random: Random): Catalogue {
  const artists = Array.from({ length: size.artists }, () => ({
    name: faker.music.artist(),
    albums: Array.from({ length: 4 }, () => faker.music.album()),
  }));
  const artistIndex = weightedIndex(artists.map((_, index) => 1 / (index + 3)));
  const events: WorldEvent[] = [];
  const songs = Array.from({ length: size.songs }, (_, index): Song => {
    const day = calendar.days[index < size.songs / 2 ? 0 : random.int(1, calendar.days.length - 1)] as Day;
    const artist = artists[artistIndex(random.next())] as (typeof artists)[number];
    const album = random.chance(0.85) ? random.pick(artist.albums) : undefined;
    const song = {
      at: index < size.songs / 2 ? day.start + index * 1000 : officeHours(day, random),
      songId: naturalId(30_001 + index, 0.05, random),
      artist: artist.name,
      name: faker.music.songName(),
      album,
      seconds: random.int(121, 420),
    };
    return publish(song, events, ids, random);
  });
  for (const song of songs) if (random.chance(0.07)) removeAndMaybeReturn(song, calendar, events, ids, random);
  return { songs: songs.sort((one, other) => one.at - other.at), events };
}

function publish(song: Omit<Song, "eventId">, events: WorldEvent[], ids: Ids, random: Random): Song {
  const fact = { ...song, eventId: ids("cat") };
  events.push({ type: "Music.SongPublished", id: fact.eventId, arrives: lateBy(fact.at, 0.05, random), fact });
  return fact;
}

function removeAndMaybeReturn(song: Song, calendar: Calendar, events: WorldEvent[], ids: Ids, random: Random): void {
  const at = song.at + random.int(10, 300) * dayMs;
  if (at >= calendar.end) return;
  const id = ids("cat");
  events.push({ type: "Music.SongRemoved", id, arrives: at, fact: { eventId: id, at, songId: song.songId } });
  const back = at + random.int(10, 120) * dayMs;
  if (back < calendar.end && random.chance(0.5)) publish({ ...song, at: back }, events, ids, random);
}
