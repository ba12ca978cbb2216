import { holdBytes, type Piece, type SplitOptions, type Splitter } from "./piece.ts";

const [tab, lineFeed, carriageReturn, space, quote, comma] = [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c];
const [openBracket, backslash, closeBracket, openBrace, closeBrace] = [0x5b, 0x5c, 0x5d, 0x7b, 0x7d];

type State = {
  /** What the scanner stands in: nothing yet, an object or array, or anything else that is no event. */
  inside: "between" | "container" | "scalar";
  depth: number;
  inString: boolean;
  escaped: boolean;
  /** Inside the one array around the elements. */
  inArray: boolean;
  line: number;
  startLine: number;
};

/**
 * Cuts JSON into its top-level elements: the elements of an array, or values one after the other. It only counts brackets outside
 * strings and judges nothing. JSON has no raw line feed in a string, so one ends a string whose quote is missing.
 */
export function splitElements({ start, maxBytes }: SplitOptions): Splitter {
  const held = holdBytes(maxBytes);
  const state: State = { inside: "between", depth: 0, inString: false, escaped: false, inArray: false, line: 1, startLine: 1 };
  let offset = start;
  const finish = (end: number): Piece => {
    state.inside = "between";
    state.inString = false;
    state.escaped = false;
    return { line: state.startLine, end, ...held.take() };
  };
  return {
    push(chunk) {
      const pieces: Piece[] = [];
      let from = 0;
      for (let at = 0; at < chunk.length; at += 1) {
        const byte = chunk[at] as number;
        if (state.inside === "scalar" && endsScalar(state, byte)) {
          held.add(chunk.subarray(from, at));
          pieces.push(finish(offset + at));
        }
        const wasBetween = state.inside === "between";
        if (wasBetween ? !begins(state, byte) : !closes(state, byte)) continue;
        if (wasBetween) from = at;
        else {
          held.add(chunk.subarray(from, at + 1));
          pieces.push(finish(offset + at + 1));
        }
      }
      if (state.inside !== "between") held.add(chunk.subarray(from));
      offset += chunk.length;
      return pieces;
    },
    end() {
      if (state.inside !== "between") return [finish(offset)];
      return state.inArray ? [{ line: state.line, end: offset, bytes: new Uint8Array(), tooLong: false, cutOff: true }] : [];
    },
  };
}

/** Between elements: whether the byte begins one. Commas are passed over, missing ones too; a comma too many is not an event. */
function begins(state: State, byte: number): boolean {
  if (byte === lineFeed) state.line += 1;
  if (byte === space || byte === tab || byte === lineFeed || byte === carriageReturn || byte === comma) return false;
  if (byte === openBracket && !state.inArray) {
    state.inArray = true;
    return false;
  }
  if (byte === closeBracket && state.inArray) {
    state.inArray = false;
    return false;
  }
  state.inside = byte === openBrace || byte === openBracket ? "container" : "scalar";
  state.depth = 1;
  state.inString = byte === quote;
  state.startLine = state.line;
  return true;
}

/** Inside an element: whether the byte is its last. */
function closes(state: State, byte: number): boolean {
  if (byte === lineFeed) {
    state.line += 1;
    state.inString = false;
    state.escaped = false;
  } else if (state.inString) stepString(state, byte);
  else if (byte === quote) state.inString = true;
  else if (byte === openBrace || byte === openBracket) state.depth += 1;
  else if (byte === closeBrace || byte === closeBracket) state.depth -= 1;
  return state.inside === "container" && state.depth === 0;
}

function stepString(state: State, byte: number): void {
  if (state.escaped) state.escaped = false;
  else if (byte === backslash) state.escaped = true;
  else if (byte === quote) state.inString = false;
}

function endsScalar(state: State, byte: number): boolean {
  if (byte === lineFeed) return true;
  if (state.inString) return false;
  return byte === comma || byte === openBrace || byte === openBracket || (byte === closeBracket && state.inArray);
}
