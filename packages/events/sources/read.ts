import { Invalid } from "@jukebase/platform/errors.ts";
import { csvReading } from "./csv.ts";
import { splitElements } from "./elements.ts";
import { fixedReading } from "./fixed.ts";
import { jsonReading, type Reading } from "./json-reading.ts";
import { isBlank, splitLines } from "./lines.ts";
import type { Mapping } from "./mapping.ts";
import { peek } from "./peek.ts";
import type { Piece, SplitOptions, Splitter } from "./piece.ts";
import { type Outcome, type Received, refused } from "./received.ts";
import { splitRecords } from "./records.ts";

/** How a source writes its events. `json` is an array or values one after the other, `ndjson` one to a line. */
export type Format = "ndjson" | "json" | "csv" | "fixed";

/** What a reader needs to know of its input. */
export type ReadOptions = {
  readonly format: Format;
  /** Needed by `csv` and `fixed`. */
  readonly mapping?: Mapping | undefined;
  /** The type of bare bodies: JSON objects that are no envelope. */
  readonly type?: string | undefined;
  /** The `end` to resume after: what ends up to there is read, and passed over. */
  readonly from?: number | undefined;
  /** The longest line or element, in bytes; 1 MiB by default. */
  readonly maxBytes?: number | undefined;
};

/**
 * Turns decompressed bytes into what was received, one by one and in constant memory. Bad input is an outcome; `Invalid` is thrown
 * for a mapping that is missing or does not fit the heading, and for an archive that is broken, with how many were read before.
 */
export async function* readReceived(input: AsyncIterable<Uint8Array>, options: ReadOptions): AsyncGenerator<Received> {
  const { leads, receive } = receiverOf(options);
  let count = 0;
  for await (const pieces of readPieces(
    withCount(input, () => count),
    options,
  )) {
    for (const piece of pieces) {
      if (leads(piece) || piece.end <= (options.from ?? 0)) continue;
      const received = receive(piece);
      if (!received) continue;
      count += 1;
      yield received;
    }
  }
}

/** What makes received items of pieces. `leads` must see every piece first: it takes what stands before the first event. */
export type Receiver = {
  readonly leads: (piece: Piece) => boolean;
  /** Undefined for a piece that holds no event, by the mapping's own rule. */
  readonly receive: (piece: Piece) => Received | undefined;
};

/** The receiver of a format. Throws `Invalid` for a mapping that is missing. */
export function receiverOf(options: ReadOptions): Receiver {
  const reading = readingOf(options);
  return {
    leads: reading.leads,
    receive: (piece) => {
      const outcome = piece.tooLong ? refused("too-long", tooLong) : reading.outcome(piece);
      return outcome && new Taken(piece, outcome);
    },
  };
}

/** Something received whose bytes are looked up only for who asks. */
class Taken implements Received {
  readonly line: number;
  readonly end: number;
  readonly outcome: Outcome;
  readonly #piece: Piece;

  constructor(piece: Piece, outcome: Outcome) {
    this.line = piece.line;
    this.end = piece.end;
    this.outcome = outcome;
    this.#piece = piece;
  }

  get bytes(): Uint8Array {
    return this.#piece.bytes;
  }

  get length(): number {
    return this.#piece.length ?? this.#piece.bytes.length;
  }
}

/** Cuts decompressed bytes into pieces, as many at a time as a chunk of the input holds; blank ones are left out. */
export async function* readPieces(input: AsyncIterable<Uint8Array>, options: ReadOptions): AsyncGenerator<Piece[]> {
  const { head, all } = await peek(input, ({ length }) => length >= byteOrderMark.length);
  const start = byteOrderMark.every((byte, at) => head[at] === byte) ? byteOrderMark.length : 0;
  const splitter = splitterOf(options, { start, maxBytes: options.maxBytes ?? 1024 * 1024 });
  for await (const pieces of cut(all, splitter, start)) yield pieces.filter((piece) => piece.cutOff || !isBlank(piece));
}

const byteOrderMark = [0xef, 0xbb, 0xbf];

function readingOf({ format, mapping, type }: ReadOptions): Reading {
  if (format === "json" || format === "ndjson") return jsonReading(type);
  if (!mapping) {
    const next = "give one with --mapping (docs/reference/mapping-files.md)";
    throw new Invalid(
      `A ${format === "csv" ? "CSV" : "fixed-width"} source needs a mapping file, which says what its columns mean: ${next}.`,
    );
  }
  return format === "csv" ? csvReading(mapping) : fixedReading(mapping);
}

function splitterOf({ format, mapping }: ReadOptions, options: SplitOptions): Splitter {
  if (format === "json") return splitElements(options);
  return format === "csv" ? splitRecords(options, mapping?.delimiter ?? ",") : splitLines(options);
}

/** Passes an input on; adds to its own refusal (a broken archive) how far reading had come. */
export async function* withCount(input: AsyncIterable<Uint8Array>, count: () => number): AsyncGenerator<Uint8Array> {
  try {
    yield* input;
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    throw new Invalid(`${error.message} Events read before that: ${count()}.`, { cause: error });
  }
}

async function* cut(input: AsyncIterable<Uint8Array>, splitter: Splitter, start: number): AsyncGenerator<Piece[]> {
  let skip = start;
  for await (const chunk of input) {
    yield splitter.push(chunk.subarray(skip));
    skip = Math.max(0, skip - chunk.length);
  }
  yield splitter.end();
}

const tooLong =
  "Is longer than one event may be (1 MiB unless set otherwise); only its beginning is kept. Is a line end, quote or bracket missing?";
