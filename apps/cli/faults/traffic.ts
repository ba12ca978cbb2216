import { generate } from "@jukebase/mock-data";
import { type Random, randomStream } from "@jukebase/mock-data/random.ts";
import { generateOptions } from "../worlds.ts";

/**
 * One thing to send. `sound`: a contract takes it. `broken`: none does. `contested`: another body goes under the same id, and the one
 * that comes first stands. `variant` tells the bodies of one id apart; `id` is missing where bytes are too broken to hold one, and in
 * facts that are sent without.
 */
export type Item = {
  readonly line: Buffer;
  readonly expect: "sound" | "broken" | "contested";
  readonly id: string | undefined;
  readonly variant: number;
};

/** The payments of this amount are sound, and a table of the bench's database refuses them: a projection has to park each. */
export const poisonAmount = "0.1313131313";

/**
 * What one source sends: a world, whole, in any order (children before their parents, changes before what they change), most of it once,
 * much of it twice, some of it up to fifty times, and between it what is broken, contested or poison. Then the next world, under new
 * ids. Equal seeds and names give equal streams.
 */
export async function* traffic(seed: number, name: string): AsyncGenerator<Item> {
  for (let world = 0; ; world += 1) {
    const random = randomStream(seed, `traffic/${name}/${world}`);
    const items = shuffled(await itemsOf(random, world), random);
    for (const place of poisonPlaces) items.splice(place, 0, payment(`poison-${world}-${place}`, poisonAmount, 0, "sound"));
    yield* items;
  }
}

// Few and known: a projection that meets one tries everything beside it again, in halves.
const poisonPlaces = [25, 500, 4_000];

async function itemsOf(random: Random, world: number): Promise<Item[]> {
  const items: Item[] = [];
  const options = await generateOptions({ scenario: "jukebox", scale: "small", seed: random.int(1, 1_000_000) });
  for await (const line of generate({ ...options, conflicts: false }).events) {
    const item = itemOf(line, world);
    for (let copies = copiesOf(random); copies > 0; copies -= 1) items.push(item);
    if (item.expect === "sound" && random.chance(0.01)) items.push(...contested(item, random));
    if (random.chance(0.01)) items.push({ line: random.pick(hostileLines), expect: "broken", id: undefined, variant: 0 });
  }
  return items;
}

// Ids of a later world would be duplicates of the first's, so they are told apart; what they amend and retract is, too.
function itemOf(line: string, world: number): Item {
  const own = world === 0 ? line : line.replaceAll(/"(id|amends|retracts)":"/g, `"$1":"w${world}-`);
  const id = /^\{"id":"([^"]+)"/.exec(own)?.[1];
  const isBroken = /^\{"id":"(?:w\d+-)?bad-/.test(own);
  return { line: Buffer.from(own), expect: isBroken ? "broken" : "sound", id: isBroken ? undefined : id, variant: 0 };
}

function copiesOf(random: Random): number {
  if (random.chance(0.001)) return random.int(2, 50);
  return random.chance(0.3) ? 2 : 1;
}

// The same event under an id of its own, and that id again with another amount: which of the two stands, only arrival says.
function contested({ id = "" }: Item, random: Random): Item[] {
  return [0, 1].flatMap((variant) =>
    Array.from({ length: random.int(1, 3) }, () => payment(`contested-${id}`, `${10 + variant}.50`, variant, "contested")),
  );
}

function payment(id: string, amount: string, variant: number, expect: Item["expect"]): Item {
  const event = { id, type: "Payment.PaymentReceived", data: { PaymentAmount: amount, OccurredAt: "2026-02-01T10:00:00Z" } };
  return { line: Buffer.from(JSON.stringify(event)), expect, id, variant };
}

/** A play without an id: a fact that is known by its content, and by the request that brings it. */
export function nameless(song: number): Item {
  const event = {
    type: "Music.SongListened",
    data: { SongId: `s${song}`, SongCompleted: true, OccurredAt: "2026-02-01T10:00:00Z" },
  };
  return { line: Buffer.from(JSON.stringify(event)), expect: "sound", id: undefined, variant: 0 };
}

const play = (inner: string): string =>
  `{"type":"Music.SongListened","data":{"SongId":"1","SongCompleted":true,"OccurredAt":"2026-01-01T00:00:00Z"${inner}}}`;

// No line feed in any of them: each is one line, and so one thing received.
const hostileLines: readonly Buffer[] = [
  Buffer.from([0xff, 0xfe, 0x00, 0x7b, 0x7d]),
  Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]),
  Buffer.from(play(`,"Note":"a\0b"`)),
  Buffer.from(play(`,"Note":"\\u0000"`)),
  Buffer.from(play(`,"Note":"\\ud800"`)),
  Buffer.from(play(`,"__proto__":{"x":1}`)),
  Buffer.from(play(`,"SongId":"2"`)),
  Buffer.from(`${"[".repeat(10_000)}${"]".repeat(10_000)}`),
  Buffer.from(`{"type":"Payment.PaymentReceived","data":{"PaymentAmount":1e400,"OccurredAt":"2026-01-01T00:00:00Z"}}`),
  Buffer.from(`"'; drop table events.log; --"`),
  Buffer.from("null"),
  Buffer.from(play("").slice(0, -7)),
];

/** The items in an order of the stream's choosing. */
function shuffled<Item>(items: Item[], random: Random): Item[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = random.int(0, last);
    [items[last], items[other]] = [items[other] as Item, items[last] as Item];
  }
  return items;
}
