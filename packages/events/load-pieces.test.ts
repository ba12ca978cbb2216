import fc from "fast-check";
import { expect, it } from "vitest";
import { pack, unpack } from "./load-pieces.ts";
import { splitElements } from "./sources/elements.ts";
import { splitLines } from "./sources/lines.ts";
import type { Piece, Splitter } from "./sources/piece.ts";

const scraps = fc.constantFrom(
  "a",
  '{"a":1}',
  "é",
  "😀",
  "\r\n",
  "\n",
  "\n\n\n\n\n\n\n\n\n\n",
  " ",
  "x".repeat(40),
  "[",
  "]",
  ",",
);
const input = fc.array(scraps, { maxLength: 60 }).map((parts) => Buffer.from(parts.join("")));

function piecesOf(bytes: Buffer, size: number, splitter: Splitter): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(...splitter.push(bytes.subarray(at, at + size)));
  return [...pieces, ...splitter.end()];
}

const plain = ({ line, end, bytes, tooLong, cutOff }: Piece) => ({
  line,
  end,
  tooLong,
  cutOff,
  bytes: Buffer.from(bytes).toString("hex"),
});

it.each([
  ["lines", splitLines],
  ["elements", splitElements],
])("pieces of %s, however they were read, are the same after they were handed over", (_, split) => {
  fc.assert(
    fc.property(input, fc.integer({ min: 1, max: 50 }), fc.func(fc.boolean()), (bytes, size, isWanted) => {
      const limits = { start: 0, maxBytes: 32 };
      const pieces = piecesOf(bytes, size, split(limits));
      expect(pieces.map(plain)).toEqual(piecesOf(bytes, bytes.length || 1, split(limits)).map(plain));
      const wanted = pieces.filter((piece) => isWanted(piece.end));
      const unpacked = unpack(structuredClone(pack(wanted)));
      expect(unpacked.map(plain)).toEqual(wanted.map(plain));
      for (const { text, bytes: own } of unpacked) if (text !== undefined) expect(text).toBe(Buffer.from(own).toString());
    }),
    { numRuns: 1000 },
  );
});
