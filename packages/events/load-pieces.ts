import type { Piece } from "./sources/piece.ts";

/** Pieces in a form that is handed from thread to thread without being copied. */
export type PackedPieces = { readonly bytes: ArrayBuffer; readonly table: Float64Array<ArrayBuffer> };

const columns = 5;

/** Packs pieces: their bytes one after the other, and a table of line, end, offset, length and flags. */
export function pack(pieces: readonly Piece[]): PackedPieces {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.bytes.length, 0));
  const table = new Float64Array(pieces.length * columns);
  let offset = 0;
  for (const [n, piece] of pieces.entries()) {
    bytes.set(piece.bytes, offset);
    table.set([piece.line, piece.end, offset, piece.bytes.length, (piece.tooLong ? 1 : 0) | (piece.cutOff ? 2 : 0)], n * columns);
    offset += piece.bytes.length;
  }
  return { bytes: bytes.buffer, table };
}

/** What is given up when packed pieces are handed over. */
export function transferred({ bytes, table }: PackedPieces): ArrayBuffer[] {
  return [bytes, table.buffer];
}

/** The pieces again; their bytes are views on the packed ones. */
export function unpack({ bytes, table }: PackedPieces): Piece[] {
  return Array.from({ length: table.length / columns }, (_, n) => {
    const [line = 0, end = 0, offset = 0, length = 0, flags = 0] = table.subarray(n * columns, (n + 1) * columns);
    const piece = { line, end, bytes: new Uint8Array(bytes, offset, length), tooLong: (flags & 1) !== 0 };
    return (flags & 2) === 0 ? piece : { ...piece, cutOff: true };
  });
}
