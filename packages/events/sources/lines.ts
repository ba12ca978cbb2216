import { asBuffer, holdBytes, type Piece, type SplitOptions, type Splitter, StretchPiece } from "./piece.ts";

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
    push(bytes) {
      const chunk = asBuffer(bytes);
      const pieces: Piece[] = [];
      let from = 0;
      for (let at = chunk.indexOf(lineFeed); at >= 0; at = chunk.indexOf(lineFeed, from)) {
        const begin = from;
        from = at + 1;
        if (held.isEmpty() && at - begin <= maxBytes) {
          line += 1;
          const to = at > begin && chunk[at - 1] === carriageReturn ? at - 1 : at;
          pieces.push(new StretchPiece(line, offset + from, chunk, begin, to));
        } else {
          held.add(chunk.subarray(begin, at));
          pieces.push(finish(offset + from));
        }
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
export function isBlank(piece: Piece): boolean {
  if (piece instanceof StretchPiece) {
    for (let at = piece.from; at < piece.to; at += 1) if (!isSpace(piece.whole[at] as number)) return false;
    return true;
  }
  return !piece.tooLong && piece.bytes.every(isSpace);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === carriageReturn || byte === lineFeed;
}
