import { decode } from "./decode.ts";
import { parseExact } from "./exact.ts";
import type { Piece } from "./piece.ts";
import { type Outcome, type RawEnvelope, refused } from "./received.ts";

/** What a format makes of pieces. `leads` takes what stands before the first event; `outcome` is undefined where there is none. */
export type Reading = { readonly leads: (piece: Piece) => boolean; readonly outcome: (piece: Piece) => Outcome | undefined };

/** Reads pieces as JSON events: envelopes, or bare bodies of the given type. */
export function jsonReading(type: string | undefined): Reading {
  return { leads: () => false, outcome: (piece) => event(piece, type) };
}

function event(piece: Piece, type: string | undefined): Outcome {
  if (piece.cutOff)
    return refused("cut-off", 'The file ends before the closing "]" of its array: fetch it again and load it again.');
  const text = piece.text ?? decode(piece.bytes);
  if (text === undefined) return refused("not-utf8", "Is not UTF-8: convert the file and load it again.");
  const parsed = parseExact(text);
  if (!parsed.ok) return { ok: false, issues: [parsed.issue] };
  if (!isObject(parsed.value)) return refused("not-an-object", "An event is a JSON object.");
  return { ok: true, envelope: enveloped(parsed.value, type) };
}

// An envelope passes whole, with what it holds besides: to judge that is the intake's business.
function enveloped(value: Record<string, unknown>, type: string | undefined): RawEnvelope {
  const bare = type !== undefined && !isEnvelope(value);
  return bare ? { type, data: value } : value;
}

function isEnvelope(value: Record<string, unknown>): boolean {
  return Object.hasOwn(value, "type") && (Object.hasOwn(value, "data") || Object.hasOwn(value, "retracts"));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
