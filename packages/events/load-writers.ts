import type { Counts } from "./append.ts";
import { modesNow } from "./contract-modes.ts";
import { type Judged, judge } from "./judge.ts";
import type { Intake, LoadOptions } from "./load.ts";
import type { Chunk } from "./load-chunks.ts";
import { type Crew, makeCrew } from "./load-crew.ts";
import { pack } from "./load-pieces.ts";
import { writeChunk } from "./load-write.ts";
import type { ReadOptions, Received } from "./sources/index.ts";
import type { Piece } from "./sources/piece.ts";

/** What writes the chunks of one load; `atOnce` of them may be under way. */
export type Writer<T> = {
  readonly atOnce: number;
  readonly write: (chunk: Chunk<T>) => Promise<Counts>;
  readonly dismiss: () => Promise<void>;
};

/** Judges in this thread, while Postgres writes the chunk before; chunks are committed in their order. */
export function itemWriter<T>(
  { database, keys, contracts, clock }: Intake,
  { source, type }: LoadOptions,
  loadId: string,
  receive: (item: T) => Received | undefined,
): Writer<T> {
  let judging: Promise<unknown> = Promise.resolve();
  let turn: Promise<unknown> = Promise.resolve();
  const judgeAll = async (items: readonly T[], receivedAt: Date): Promise<Judged[]> => {
    const bench = { contracts, source, keys, receivedAt, type, modes: await modesNow({ database, clock }) };
    const judged: Judged[] = [];
    for (const item of items) {
      const received = receive(item);
      if (received) judged.push(judge(received, bench));
    }
    return judged;
  };
  return {
    atOnce: 2,
    write: ({ items, from, to }) => {
      const receivedAt = clock.now();
      const judged = judging.then(() => judgeAll(items, receivedAt));
      judging = judged.catch(() => {}); // The one who writes hears of it.
      const done = turn.then(async () => writeChunk({ database, keys, source, loadId }, await judged, receivedAt, { from, to }));
      turn = done;
      done.catch(() => {}); // Whoever asked for it hears of it.
      return done;
    },
    dismiss: async () => void (await turn.catch(() => {})),
  };
}

/** How many chunks are written in this process before helpers are called in: most loads are over by then. */
const alone = 2;

/**
 * Judges and writes pieces: the first chunks in this process, all others in helpers, several at a time and in any order. States seen must
 * be told in their order, so observations stay here.
 */
export function pieceWriter(
  intake: Intake,
  options: LoadOptions,
  loadId: string,
  { read, lead, receive }: { read: ReadOptions; lead: readonly Piece[]; receive: (piece: Piece) => Received | undefined },
): Writer<Piece> {
  const first = itemWriter(intake, options, loadId, receive);
  const helpers = intake.helpers;
  if (helpers === undefined || helpers.count < 2 || options.source.kind === "observations") return first;
  const { source, type } = options;
  let crew: Promise<Crew> | undefined;
  const called = (): Promise<Crew> =>
    makeCrew(helpers.module, helpers.count, {
      url: intake.database.url,
      keys: intake.keys,
      source,
      loadId,
      type,
      read,
      lead: pack(lead),
    });
  let chunks = 0;
  return {
    atOnce: helpers.count + 1,
    write: async (chunk) => {
      chunks += 1;
      if (chunks <= alone) return first.write(chunk);
      crew ??= called();
      return (await crew).write(chunk, intake.clock.now());
    },
    dismiss: async () => {
      await first.dismiss();
      await (await crew?.catch(() => undefined))?.dismiss();
    },
  };
}
