import { isAscii } from "node:buffer";
import { asBuffer, type Piece, StretchPiece } from "./sources/piece.ts";

/** Pieces in a form that is handed from process to process in two copies of memory. */
export type PackedPieces = { readonly bytes: Uint8Array; readonly table: Float64Array };

const columns = 5;

/**
 * Packs pieces: their bytes, and a table of line, end, offset, length and flags. Lines that follow one another where they were read are
 * copied at once, with what lies between them.
 */
export function pack(pieces: readonly Piece[]): PackedPieces {
  const table = new Float64Array(pieces.length * columns);
  const runs = runsOf(pieces);
  const bytes = new Uint8Array(runs.reduce((sum, { from, to }) => sum + to - from, 0));
  let offset = 0;
  for (const { whole, from, to, first, last } of runs) {
    bytes.set(whole.subarray(from, to), offset);
    for (let n = first; n <= last; n += 1) {
      const piece = pieces[n] as Piece;
      const at = piece instanceof StretchPiece ? offset + piece.from - from : offset;
      table[n * columns] = piece.line;
      table[n * columns + 1] = piece.end;
      table[n * columns + 2] = at;
      table[n * columns + 3] = piece.length ?? to - from;
      table[n * columns + 4] = (piece.tooLong ? 1 : 0) | (piece.cutOff ? 2 : 0);
    }
    offset += to - from;
  }
  return { bytes, table };
}

/** Pieces whose bytes lie one behind the other: which, and where. */
type Run = { readonly whole: Uint8Array; readonly from: number; to: number; readonly first: number; last: number };

/** Between two lines: a line end of two bytes, and no more than a few blank lines. */
const gapMax = 8;

function runsOf(pieces: readonly Piece[]): Run[] {
  const runs: Run[] = [];
  for (const [n, piece] of pieces.entries()) {
    const run = runs.at(-1);
    if (!(piece instanceof StretchPiece)) {
      const { bytes } = piece;
      runs.push({ whole: bytes, from: 0, to: bytes.length, first: n, last: n });
    } else if (run?.whole === piece.whole && piece.from >= run.to && piece.from - run.to <= gapMax) {
      run.to = piece.to;
      run.last = n;
    } else runs.push({ whole: piece.whole, from: piece.from, to: piece.to, first: n, last: n });
  }
  return runs;
}

/** The pieces again; their bytes are views on the packed ones. */
export function unpack({ bytes, table }: PackedPieces): Piece[] {
  const whole = asBuffer(bytes);
  const Kind = isAscii(whole) ? AsciiPiece : StretchPiece;
  return Array.from({ length: table.length / columns }, (_, n) => {
    const at = n * columns;
    const [line, end, offset] = [table[at] as number, table[at + 1] as number, table[at + 2] as number];
    const [length, flags] = [table[at + 3] as number, table[at + 4] as number];
    if (flags === 0) return new Kind(line, end, whole, offset, offset + length);
    const piece = { line, end, bytes: whole.subarray(offset, offset + length), tooLong: (flags & 1) !== 0 };
    return (flags & 2) === 0 ? piece : { ...piece, cutOff: true };
  });
}

/** A piece of bytes of which it is known, of all together, that they are ASCII: their text needs no further look. */
class AsciiPiece extends StretchPiece {
  get text(): string {
    return this.whole.toString("latin1", this.from, this.to);
  }
}
