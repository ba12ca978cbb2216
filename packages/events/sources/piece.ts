/** A stretch of the input that holds one line, record or element. Of one that is too long only the beginning is kept. */
export type Piece = {
  readonly line: number;
  readonly end: number;
  readonly bytes: Uint8Array;
  readonly tooLong: boolean;
  /** How many bytes, where that is known without looking at them. */
  readonly length?: number;
  /** The bytes as text, where it is known already that all of them are ASCII. */
  readonly text?: string;
  /** The input ended where more had to come. */
  readonly cutOff?: boolean;
};

/**
 * A piece that is a stretch of what was read. Its bytes are looked at where they lie, and made into a view of their own only for who asks:
 * of a million lines nearly none is.
 */
export class StretchPiece implements Piece {
  readonly line: number;
  readonly end: number;
  readonly tooLong = false;
  readonly whole: Buffer;
  readonly from: number;
  readonly to: number;

  constructor(line: number, end: number, whole: Buffer, from: number, to: number) {
    this.line = line;
    this.end = end;
    this.whole = whole;
    this.from = from;
    this.to = to;
  }

  get bytes(): Uint8Array {
    return this.whole.subarray(this.from, this.to);
  }

  get length(): number {
    return this.to - this.from;
  }
}

/** Bytes as a Buffer over the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Cuts an input into pieces, however its chunks fall. `end` gives what is left when the input has ended. */
export type Splitter = { readonly push: (chunk: Uint8Array) => Piece[]; readonly end: () => Piece[] };

/** Where a splitter starts (a byte order mark is behind it) and how long a piece may be, in bytes. */
export type SplitOptions = { readonly start: number; readonly maxBytes: number };

/** The bytes of a piece that is being read; more than `maxBytes` are counted but not held. */
export type Hold = {
  readonly isEmpty: () => boolean;
  readonly add: (part: Uint8Array) => void;
  readonly take: () => Pick<Piece, "bytes" | "tooLong">;
};

/** What is kept of a piece that is too long, in bytes. */
const keptBytes = 64 * 1024;

/** Collects the parts of one piece at a time. */
export function holdBytes(maxBytes: number): Hold {
  let parts: Uint8Array[] = [];
  let size = 0;
  let tooLong = false;
  return {
    isEmpty: () => size === 0,
    add(part) {
      if (tooLong || part.length === 0) return;
      parts.push(part);
      size += part.length;
      tooLong = size > maxBytes;
      // A copy, so that the long piece itself can be freed.
      if (tooLong) parts = [join(parts).slice(0, Math.min(keptBytes, maxBytes))];
    },
    take() {
      const piece = { bytes: join(parts), tooLong };
      parts = [];
      size = 0;
      tooLong = false;
      return piece;
    },
  };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  return parts.length === 1 && first ? first : Buffer.concat(parts);
}
