import type { Random } from "../random.ts";
import type { Song } from "../truth/facts.ts";
import { placementsOf } from "../truth/placements.ts";
import type { PlayCounter, PlayTallies } from "../truth/play-tallies.ts";
import type { Day } from "./calendar.ts";
import { type PlayLine, playLine } from "./play-line.ts";
import type { World } from "./world.ts";

/** A device that plays from a day on: `pull` is how often it is played, `count` tallies its plays for the truth. */
type Player = { readonly deviceId: string; readonly from: number; readonly pull: number; readonly count: PlayCounter };

/** Writes the plays of a day one by one; nothing of them is kept but the tallies. */
export type PlayWriter = (day: Day, write: (play: PlayLine) => void) => void;

/** A writer that spreads about `budget` plays over the calendar by device, season and weekday. */
export function playWriter(world: World, tallies: PlayTallies, budget: number, random: Random): PlayWriter {
  const players = makePlayers(world, tallies, random);
  const rate = budget / totalPull(players, world.calendar.days);
  const songs = songPicker(world.songs);
  const ofNobody = tallies.of(undefined);
  let number = 0;
  return (day, write) => {
    const pick = songs(day);
    for (const player of players) {
      if (player.from > day.index) break;
      const plays = Math.floor(player.pull * day.plays * rate + random.next());
      for (let left = plays; left > 0; left -= 1) {
        number += 1;
        const at = day.start + Math.floor(8 * 3600 + (random.next() + random.next()) * 28_000) * 1000;
        const play = playLine(`play-${number.toString(36)}`, player.deviceId, at, pick(random), random);
        if (!play.retracted) (play.deviceId === undefined ? ofNobody : player.count)(at, play.completed);
        write(play);
      }
    }
  };
}

/** All devices that were ever allocated, some in stock and one that nobody knows, in order of their first play. */
function makePlayers(world: World, tallies: PlayTallies, random: Random): Player[] {
  const indexOf = (at: number): number => Math.floor((at - world.calendar.start) / 86_400_000);
  const firsts = new Map(
    placementsOf(world.facts)
      .toReversed()
      .map((placement) => [placement.deviceId, indexOf(placement.at)]),
  );
  for (const allocation of world.facts.allocations)
    if (!firsts.has(allocation.deviceId)) firsts.set(allocation.deviceId, indexOf(allocation.at));
  const allocated = [...firsts].map(([deviceId, first]): Player => {
    const early = random.chance(0.03) ? 5 : 0;
    return {
      deviceId,
      from: Math.max(0, first - early),
      pull: 0.2 + 3 * random.next() * random.next(),
      count: tallies.of(deviceId),
    };
  });
  const strange = [...world.stock, "77000001"].map(
    (deviceId): Player => ({ deviceId, from: 30, pull: 0.03, count: tallies.of(deviceId) }),
  );
  return [...allocated, ...strange].sort((one, other) => one.from - other.from);
}

function totalPull(players: readonly Player[], days: readonly Day[]): number {
  const rest = new Array<number>(days.length + 1).fill(0);
  for (let index = days.length - 1; index >= 0; index -= 1)
    rest[index] = (rest[index + 1] as number) + (days[index] as Day).plays;
  return players.reduce((sum, player) => sum + player.pull * (rest[player.from] as number), 0);
}

/** Songs known on a day, the first ones the most loved. */
function songPicker(songs: readonly Song[]): (day: Day) => (random: Random) => Song {
  let known = 0;
  return (day) => {
    while (known < songs.length && (songs[known] as Song).at < day.start + 86_400_000) known += 1;
    return (random) => {
      const draw = random.next();
      return songs[Math.floor(draw * draw * known)] as Song;
    };
  };
}
