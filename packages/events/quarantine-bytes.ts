import { type Executor, Invalid } from "@jukebase/platform";
import type { Keys } from "./keys.ts";
import { decode } from "./sources/decode.ts";
import { type Outcome, parseExact, type RawEnvelope, type Received } from "./sources/index.ts";
import { dayKey, unseal } from "./vault.ts";

/** A quarantined item's bytes, and what stands in for them, each sealed under the key of a day. */
export type Sealed = { bytes: Buffer | null; bytes_day: string | null; fixed: Buffer | null; fixed_day: string | null };

/** The key of a day, asked of the database once; undefined when it has expired. */
export type DayKeys = (day: string) => Promise<Buffer | undefined>;

/** The keys of days as one transaction sees them. */
export function dayKeys(db: Executor, keys: Keys): DayKeys {
  const known = new Map<string, Promise<Buffer | undefined>>();
  return (day) => {
    const key = known.get(day) ?? dayKey(db, keys, day, false);
    known.set(day, key);
    return key;
  };
}

/** What was sealed under a day's key; undefined when nothing was, or when that day's key has expired. */
export async function opened(days: DayKeys, bytes: Buffer | null, day: string | null): Promise<Buffer | undefined> {
  if (bytes === null || day === null) return undefined;
  const key = await days(day);
  return key && unseal(key, bytes);
}

/** A quarantined item read once more: what somebody mended, else what was received. `text` is undefined where no text can be had. */
export async function readAgain(
  days: DayKeys,
  item: Sealed & { readonly line: number | null; readonly type: string | null },
): Promise<Received & { readonly text: string | undefined }> {
  const bytes = (await opened(days, item.fixed, item.fixed_day)) ?? (await opened(days, item.bytes, item.bytes_day));
  const text = bytes && decode(bytes);
  const outcome = outcomeOf(bytes, text, item.type ?? undefined);
  return { line: item.line ?? 1, end: 0, bytes: bytes ?? Buffer.alloc(0), outcome, text };
}

function outcomeOf(bytes: Buffer | undefined, text: string | undefined, type: string | undefined): Outcome {
  if (bytes === undefined) return { ok: false, issues: [expired] };
  if (text === undefined) return { ok: false, issues: [notUtf8] };
  const parsed = parseExact(text);
  if (!parsed.ok) return { ok: false, issues: [parsed.issue] };
  const envelope = envelopeOf(parsed.value, type);
  return envelope ? { ok: true, envelope } : { ok: false, issues: [notAnEvent] };
}

/** A value as the envelope of an event, a bare body under `type`; undefined when it is neither. */
export function envelopeOf(value: unknown, type: string | undefined): RawEnvelope | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  if (type === undefined) return "type" in value ? value : undefined;
  return asEnvelope(value, type);
}

/** A parsed JSON value as an envelope; a bare body is taken under `type`, with what else is known. Throws `Invalid` when it is neither. */
export function asEnvelope(value: unknown, type: string | undefined, carried: RawEnvelope = {}): RawEnvelope {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Invalid("An event is a JSON object.");
  const object = value as Record<string, unknown>;
  if ("type" in object && ("data" in object || "retracts" in object)) return object;
  if (type === undefined) throw new Invalid('Give the whole event: {"type": "…", "data": {…}}; this item\'s type is not known.');
  return { ...carried, type, data: object };
}

/** An envelope as if it had just been read. */
export function receivedAgain(text: string, envelope: RawEnvelope): Received {
  return { line: 1, end: 0, bytes: Buffer.from(text), outcome: { ok: true, envelope } };
}

const notUtf8 = { path: "$", code: "not-utf8", rule: "Is not UTF-8: mend it, or convert the file and load it again." };
const expired = { path: "$", code: "expired", rule: "What was received can no longer be read: the key of its day has expired." };
const notAnEvent = { path: "$", code: "not-an-event", rule: 'An event is a JSON object: {"type": "…", "data": {…}}.' };
