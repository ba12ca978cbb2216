import { type Format, parseExact, type Received, readReceived } from "@jukebase/events";
import { gunzip } from "@jukebase/events/sources/gunzip.ts";
import { Invalid } from "@jukebase/platform";
import type { Request } from "express";
import { Refusal } from "./refusal.ts";

/** The most that one request may bring: as sent, unfolded, and in events. */
export const bodyLimits = { sent: 5 * 1024 * 1024, unfolded: 25 * 1024 * 1024, ratio: 100, events: 10_000 } as const;

/** Reads a request's body as events, before anything is judged. Throws `Refusal` for what is no stream of events at all. */
export async function receiveEvents(request: Request): Promise<Received[]> {
  const declared = formatOf(request.get("content-type"));
  const bytes = await readBody(request);
  const format = declared === "ndjson" ? "ndjson" : sniff(bytes);
  const received: Received[] = [];
  for await (const item of readReceived(once(bytes), { format })) {
    received.push(item);
    if (received.length > bodyLimits.events)
      throw new Refusal(
        "too_large",
        `Send at most ${bodyLimits.events} events in one request, or hand a file over at /v1/loads.`,
      );
  }
  if (received.length === 0)
    throw new Refusal("invalid", "The body holds no event. Send one JSON object, an array of them, or one to a line.");
  return received;
}

function formatOf(type: string | undefined): "ndjson" | "json" {
  const [media = ""] = (type ?? "application/json").split(";");
  const format = formats[media.trim().toLowerCase()];
  if (format !== undefined) return format;
  throw new Refusal("unsupported_media_type", `Events come as application/json or application/x-ndjson, not as ${media.trim()}.`);
}

const formats: Partial<Record<string, "ndjson" | "json">> = {
  "application/json": "json",
  "application/x-ndjson": "ndjson",
  "application/ndjson": "ndjson",
  "application/jsonl": "ndjson",
};

/** The body's bytes, unpacked, within the limits. */
async function readBody(request: Request): Promise<Buffer> {
  if (Number(request.get("content-length") ?? 0) > bodyLimits.sent) throw tooLarge();
  const sent = limited(request as AsyncIterable<Uint8Array>, bodyLimits.sent);
  const encoding = (request.get("content-encoding") ?? "identity").toLowerCase();
  if (encoding === "identity") return gathered(sent);
  if (encoding !== "gzip")
    throw new Refusal("unsupported_media_type", `The encoding ${encoding} is not known; send gzip, or none.`);
  const unfolded = limited(gunzip(sent, { name: "The body", maxRatio: bodyLimits.ratio }), bodyLimits.unfolded);
  return gathered(unfolded).catch((error: unknown) => {
    if (error instanceof Invalid && /unfolds to more/.test(error.message)) throw tooLarge();
    throw error;
  });
}

async function* limited(input: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of input) {
    size += chunk.length;
    if (size > most) throw tooLarge();
    yield chunk;
  }
}

function tooLarge(): Refusal {
  const { sent, unfolded, ratio } = bodyLimits;
  const words = `A body is at most ${sent / 1024 / 1024} MiB, unfolded ${unfolded / 1024 / 1024} MiB and ${ratio} times its size`;
  // The rest of the body is not read, so the connection cannot serve another request.
  return new Refusal("too_large", `${words}. Send less at once, or hand a file over at /v1/loads.`, { connection: "close" });
}

async function gathered(input: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input) chunks.push(chunk);
  return Buffer.concat(chunks);
}

// A first line that is JSON by itself, with more behind it, is one of many; else the body is one text.
function sniff(bytes: Buffer): Format {
  const text = bytes
    .subarray(0, 1024 * 1024)
    .toString()
    .trimStart();
  if (text !== "" && !/^[[{]/.test(text)) throw new Refusal("invalid", 'The body does not begin as events do, with "{" or "[".');
  const end = text.indexOf("\n");
  const isLine = end >= 0 && text.slice(end).trim() !== "" && text.startsWith("{") && parseExact(text.slice(0, end)).ok;
  return isLine ? "ndjson" : "json";
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
