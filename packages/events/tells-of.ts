import type { EventContract } from "@jukebase/platform";
import { decode } from "./sources/decode.ts";
import { parseExact } from "./sources/index.ts";
import { type Subject, subjectFields } from "./subject.ts";

/** By what something that was sealed is recognised as telling of a person. */
export type Recognition = {
  /** Whether a received event (or what could be read of it) tells of the person. */
  readonly event: (bytes: Uint8Array, from: { readonly namespace: string; readonly type: string | null }) => boolean;
  /** Whether any text in it holds one of the person's values. */
  readonly values: (bytes: Uint8Array) => boolean;
};

/** Below this many letters and digits a value is too common to tell of anybody: a date of birth is many people's, too. */
const telling_min = 5;

/**
 * A received event tells of a person when its contract's subject field names that person, wherever in the body it stands, or when it
 * holds one of the person's values. Values are compared by their letters and digits alone, as they may have been written otherwise.
 */
export function recognise(
  contracts: ReadonlyMap<string, EventContract>,
  subject: Subject,
  values: readonly string[],
): Recognition {
  const fields = subjectFields(contracts, subject.kind);
  const folded = [...new Set(values.filter((value) => !isDate(value)).map(fold))].filter(({ length }) => length >= telling_min);
  const holdsValue = (text: string): boolean => {
    const plain = fold(text);
    return folded.some((value) => plain.includes(value));
  };
  return {
    values: (bytes) => folded.length > 0 && holdsValue(leafText(bytes)),
    event: (bytes, { namespace, type }) => {
      const value = parsed(bytes);
      if (folded.length > 0 && holdsValue(leafText(bytes, value))) return true;
      if (namespace !== subject.namespace || value === undefined) return false;
      return names(value, idFields(contracts, fields, typeOf(value) ?? type), subject.id);
    },
  };
}

// Of a type that no contract knows, any field by which subjects of this kind are named counts.
function idFields(
  contracts: ReadonlyMap<string, EventContract>,
  fields: readonly { readonly type: string; readonly field: string }[],
  type: string | null,
): Set<string> {
  const isKnown = type !== null && contracts.has(type);
  return new Set(fields.filter((one) => !isKnown || one.type === type).map(({ field }) => field));
}

function names(value: unknown, fields: ReadonlySet<string>, id: string): boolean {
  if (value === null || typeof value !== "object") return false;
  return Object.entries(value).some(([name, inner]) => (fields.has(name) && idText(inner) === id) || names(inner, fields, id));
}

function idText(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" ? String(value).trim() : undefined;
}

// What cannot be parsed is looked through as it is.
function leafText(bytes: Uint8Array, value: unknown = parsed(bytes)): string {
  if (value === undefined) return decode(bytes) ?? Buffer.from(bytes).toString("latin1");
  const texts: string[] = [];
  const collect = (inner: unknown): void => {
    if (inner !== null && typeof inner === "object") {
      for (const [name, each] of Object.entries(inner)) {
        texts.push(name);
        collect(each);
      }
    } else texts.push(String(inner));
  };
  collect(value);
  return texts.join("\n");
}

function parsed(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  const read = text === undefined ? undefined : parseExact(text);
  return read?.ok ? read.value : undefined;
}

function typeOf(value: unknown): string | undefined {
  const type = (value as { type?: unknown } | null)?.type;
  return typeof type === "string" ? type : undefined;
}

function fold(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}

function isDate(value: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(value);
}
