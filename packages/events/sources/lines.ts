import { holdBytes, type Piece, type SplitOptions, type Splitter } from "./piece.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Cuts an input at its line ends (LF or CRLF). Blank lines are pieces too. */
export function splitLines({ start, maxBytes }: SplitOptions): Splitter {
  const held = holdBytes(maxBytes);
  let offset = start;
  let line = 0;
  const finish = (end: number): Piece => {
    line += 1;
    return withoutReturn({ line, end, ...held.take() });
  };
  return {
    push(chunk) {
      const pieces: Piece[] = [];
      let from = 0;
      for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, from)) {
        held.add(chunk.subarray(from, at));
        from = at + 1;
        pieces.push(finish(offset + from));
      }
      held.add(chunk.subarray(from));
      offset += chunk.length;
      return pieces;
    },
    end: () => [finish(offset)],
  };
}

/** Takes the carriage return of a CRLF off a piece. */
export function withoutReturn(piece: Piece): Piece {
  const { bytes, tooLong } = piece;
  return !tooLong && bytes.at(-1) === carriageReturn ? { ...piece, bytes: bytes.subarray(0, -1) } : piece;
}

/** Whether a line holds nothing but white space. */
export function isBlank({ bytes, tooLong }: Piece): boolean {
  return !tooLong && bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === carriageReturn || byte === lineFeed);
}
