import { withoutReturn } from "./lines.ts";
import { holdBytes, type Piece, type SplitOptions, type Splitter } from "./piece.ts";

const lineFeed = 0x0a;
const quote = 0x22;

/**
 * Cuts CSV into records: at line ends outside quotes (RFC 4180). A quote opens a field only at the field's start, so that a stray
 * one spoils its own record and not the rest of the file.
 */
export function splitRecords({ start, maxBytes }: SplitOptions, delimiter: string): Splitter {
  const separator = delimiter.charCodeAt(0);
  const held = holdBytes(maxBytes);
  let offset = start;
  let line = 1;
  let nextLine = 1;
  let inQuotes = false;
  let mayOpen = true;
  const finish = (end: number): Piece => {
    const piece = withoutReturn({ line, end, ...held.take() });
    line = nextLine;
    return piece;
  };
  /** Whether the byte ends a record. */
  const step = (byte: number): boolean => {
    if (byte === lineFeed) nextLine += 1;
    if (inQuotes) {
      // What follows a closing quote may be the second half of an escaped one: it opens again.
      if (byte === quote) [inQuotes, mayOpen] = [false, true];
      return false;
    }
    inQuotes = mayOpen && byte === quote;
    mayOpen = byte === separator || byte === lineFeed;
    return byte === lineFeed;
  };
  return {
    push(chunk) {
      const pieces: Piece[] = [];
      let from = 0;
      for (let at = 0; at < chunk.length; at += 1) {
        if (!step(chunk[at] as number)) continue;
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
