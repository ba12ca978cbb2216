import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { type Format, parseExact, type Received, readReceived } from "@jukebase/events";
import { binaryEvent, isBinary } from "./cloud-headers.ts";
import { bodyLimits } from "./read-body.ts";
import { Refusal } from "./refusal.ts";

/** How a body writes its events: Jukebase's own envelopes, or CloudEvents in one of their three forms. */
export type Style = "json" | "ndjson" | "cloud-event" | "cloud-batch" | "cloud-binary";

/** Told from the headers alone. Throws `Refusal` for a media type that holds no events. */
export function styleOf(request: IncomingMessage): Style {
  const [media = ""] = (request.headers["content-type"] ?? "application/json").split(";");
  const name = media.trim().toLowerCase();
  const style = styles[name];
  if (style?.startsWith("cloud")) return style;
  if (isBinary(request)) return "cloud-binary";
  if (style !== undefined) return style;
  throw new Refusal(
    "unsupported_media_type",
    `Events come as application/json, application/x-ndjson, application/cloudevents+json or application/cloudevents-batch+json, not as ${media.trim()}.`,
  );
}

const styles: Partial<Record<string, Style>> = {
  "application/json": "json",
  "application/x-ndjson": "ndjson",
  "application/ndjson": "ndjson",
  "application/jsonl": "ndjson",
  "application/cloudevents+json": "cloud-event",
  "application/cloudevents-batch+json": "cloud-batch",
};

/** Reads a body as events, before anything is judged. Throws `Refusal` for what is no stream of events at all. */
export async function receiveEvents(request: IncomingMessage, bytes: Buffer, style: Style): Promise<Received[]> {
  if (style === "cloud-binary") return [binaryEvent(request, bytes)];
  const alone = style === "json" || style === "cloud-event" ? oneEvent(bytes) : undefined;
  if (alone !== undefined) return [alone];
  const format = style === "ndjson" ? "ndjson" : style === "json" ? sniff(bytes) : cloudFormat(bytes, style);
  const received: Received[] = [];
  for await (const item of readReceived(once(bytes), { format })) {
    received.push(item);
    if (received.length > bodyLimits.events)
      throw new Refusal(
        "too_large",
        `Send at most ${bodyLimits.events} events in one request, or hand a file over at /v1/loads.`,
      );
  }
  if (received.length === 0 && style !== "cloud-batch")
    throw new Refusal("invalid", "The body holds no event. Send one JSON object, an array of them, or one to a line.");
  if (style === "cloud-event" && received.length > 1)
    throw new Refusal("invalid", "application/cloudevents+json is one event; several are application/cloudevents-batch+json.");
  return received;
}

const small_max = 64 * 1024;
const [openBrace, lineFeed] = [0x7b, 0x0a];

// Most requests are one small object, which the readers of streams would take several times as long for. Whatever it is not is for them.
function oneEvent(bytes: Buffer): Received | undefined {
  if (bytes[0] !== openBrace || bytes.length > small_max || !isUtf8(bytes)) return undefined;
  const parsed = parseExact(bytes.toString());
  if (!parsed.ok || parsed.value === null || typeof parsed.value !== "object") return undefined;
  const whole = bytes.at(-1) === lineFeed ? bytes.subarray(0, -1) : bytes;
  return { line: 1, end: bytes.length, bytes: whole, outcome: { ok: true, envelope: parsed.value } };
}

// A first line that is JSON by itself, with more behind it, is one of many; else the body is one text.
function sniff(bytes: Buffer): Format {
  const first = firstByte(bytes);
  if (first !== undefined && first !== "{" && first !== "[")
    throw new Refusal("invalid", 'The body does not begin as events do, with "{" or "[".');
  if (first !== "{") return "json";
  const begin = bytes.indexOf("{");
  const end = bytes.indexOf("\n", begin);
  if (end < 0 || end - begin > line_max || firstByte(bytes.subarray(end)) === undefined) return "json";
  return parseExact(bytes.toString("utf8", begin, end)).ok ? "ndjson" : "json";
}

const line_max = 1024 * 1024;

function cloudFormat(bytes: Buffer, style: Style): Format {
  const wanted = style === "cloud-batch" ? "[" : "{";
  if (firstByte(bytes) === wanted) return "json";
  throw new Refusal(
    "invalid",
    style === "cloud-batch"
      ? "application/cloudevents-batch+json is a JSON array of events."
      : "application/cloudevents+json is one JSON object.",
  );
}

// The first that is not white space, a byte order mark passed over; undefined where there is none.
function firstByte(bytes: Buffer): string | undefined {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < bytes.length && /\s/.test(String.fromCharCode(bytes[at] as number))) at += 1;
  return at < bytes.length ? String.fromCharCode(bytes[at] as number) : undefined;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
