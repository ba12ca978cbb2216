import { type Random, randomStream } from "../random.ts";
import type { PlayTally } from "../truth/play-tallies.ts";
import { playTallies } from "../truth/play-tallies.ts";
import type { Counts } from "../truth/truth.ts";
import { arrivals } from "./arrivals.ts";
import { countKeeper } from "./count-keeper.ts";
import { lineWriter } from "./lines.ts";
import { conflictOf, malformedLine } from "./malformed.ts";
import { type PlayWriter, playWriter } from "./plays.ts";
import type { Size } from "./size.ts";
import { fakerOf, type World } from "./world.ts";

/** The lines of a world in batches of about a day, and what was counted on the way (final when the batches have ended). */
export type LineStream = {
  readonly batches: Generator<string[]>;
  readonly counts: () => Counts;
  readonly tallies: () => readonly PlayTally[];
};

/** Streams a world: its events as they arrive, the plays of each day, and the disturbances of any real feed. */
export function streamWorld(world: World, size: Size, seed: number, conflicts: boolean): LineStream {
  const keeper = countKeeper();
  const tallies = playTallies(world.facts);
  const plays = playWriter(world, tallies, playBudget(size, world), randomStream(seed, "plays"));
  const road = disturbedRoad(randomStream(seed, "disturbances"), keeper, conflicts);
  return { batches: batches(world, plays, road, seed), counts: () => keeper.counts(world.facts), tallies: tallies.rows };
}

type Road = ReturnType<typeof disturbedRoad>;

function* batches(world: World, plays: PlayWriter, road: Road, seed: number): Generator<string[]> {
  const write = lineWriter(seed, fakerOf(seed, "lines"), world.calendar);
  let next = 0;
  const sendUntil = (arrival: number, dayStart: number): void => {
    for (let event = world.events[next]; event !== undefined && event.arrives < arrival; event = world.events[next]) {
      road.send(event.type, write(event), dayStart);
      next += 1;
    }
  };
  for (const day of world.calendar.days) {
    sendUntil(day.start + 86_400_000, day.start);
    plays(day, (play) => {
      road.send("Music.SongListened", play.line, day.start);
      if (play.follows !== undefined) road.send("Music.SongListened", play.follows, day.start);
    });
    yield road.take();
  }
  sendUntil(Number.POSITIVE_INFINITY, world.calendar.end - 86_400_000);
  yield road.rest();
}

/** A road on which 1 % of the lines come twice, 0.5 % are malformed or conflict, and a tenth is overtaken by others. */
function disturbedRoad(random: Random, keeper: ReturnType<typeof countKeeper>, conflicts: boolean) {
  const road = arrivals();
  let faults = 0;
  const send = (type: string, line: string, dayStart: number): void => {
    const draw = random.next();
    const position = road.send(line, draw > 0.9 ? delay(random) : 0);
    keeper.accepted(type);
    if (draw < duplicateShare) {
      road.sendAt(line, position + delay(random));
      keeper.duplicate();
    } else if (draw < duplicateShare + conflictShare) {
      const conflict = conflicts ? conflictOf(line) : undefined;
      if (conflict === undefined) return;
      road.sendAt(conflict, position + delay(random));
      keeper.quarantined("conflict");
    } else if (draw < duplicateShare + conflictShare + malformedShare) {
      faults += 1;
      const malformed = malformedLine(`bad-${faults}`, dayStart, random);
      road.sendAt(malformed.line, position + 1);
      keeper.quarantined(malformed.kind);
    }
  };
  return { send, take: road.take, rest: road.rest };
}

function delay(random: Random): number {
  return random.next() < 0.95 ? random.int(1, 60) : random.int(61, 5_000);
}

/** How many plays fill the file up to its size. */
function playBudget(size: Size, world: World): number {
  return (size.events / (1 + duplicateShare + conflictShare + malformedShare) - world.events.length) / 1.001;
}

const duplicateShare = 0.01;
const conflictShare = 0.0005;
const malformedShare = 0.0045;
