import type { IncomingMessage, ServerResponse } from "node:http";
import { gunzip } from "@jukebase/events/sources/gunzip.ts";
import { Invalid } from "@jukebase/platform";
import { Refusal } from "./refusal.ts";

/** The most that one request may bring: as sent, unfolded, and in events. */
export const bodyLimits = { sent: 5 * 1024 * 1024, unfolded: 25 * 1024 * 1024, ratio: 100, events: 10_000 } as const;

/** How a body is read: its key's own limit in bytes, how long it may take, and where what is held is counted. */
export type BodyOptions = {
  readonly most: number | null;
  readonly time_ms: number;
  readonly hold: (bytes: number) => void;
};

/** The body's bytes, unpacked, within the limits, and how many were sent. Throws `Refusal` for what is too large, too slow, or breaks off. */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  options: BodyOptions,
): Promise<{ readonly bytes: Buffer; readonly sent: number }> {
  const encoding = (request.headers["content-encoding"] ?? "identity").toLowerCase();
  if (encoding !== "identity" && encoding !== "gzip")
    throw new Refusal("unsupported_media_type", `The encoding ${encoding} is not known; send gzip, or none.`);
  const sent_max = Math.min(bodyLimits.sent, options.most ?? bodyLimits.sent);
  if (Number(request.headers["content-length"] ?? 0) > sent_max) throw tooLarge(options);
  if (request.headers.expect !== undefined) response.writeContinue();
  const sent = await gathered(request, sent_max, options);
  if (encoding === "identity") return { bytes: sent, sent: sent.length };
  return { bytes: await unfolded(sent, options), sent: sent.length };
}

function gathered(request: IncomingMessage, most: number, options: BodyOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => stop(tooSlow(options.time_ms)), options.time_ms);
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      try {
        if (size > most) throw tooLarge(options);
        options.hold(chunk.length);
        chunks.push(chunk);
      } catch (failure) {
        stop(failure);
      }
    };
    // What still comes is read and thrown away, so that the answer can be written.
    const stop = (failure: unknown): void => {
      clearTimeout(timer);
      request.off("data", take);
      request.resume();
      chunks.length = 0;
      reject(failure);
    };
    request.on("data", take);
    request.once("error", () => stop(brokenOff()));
    request.once("close", () => {
      if (!request.complete) stop(brokenOff());
    });
    request.once("end", () => {
      clearTimeout(timer);
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
  });
}

async function unfolded(sent: Buffer, options: BodyOptions): Promise<Buffer> {
  const most = Math.min(bodyLimits.unfolded, options.most ?? bodyLimits.unfolded);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of gunzip(once(sent), { name: "The body", maxRatio: bodyLimits.ratio })) {
      size += chunk.length;
      if (size > most) throw tooLarge(options);
      options.hold(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Invalid && /unfolds to more/.test(error.message)) throw tooLarge(options);
    throw error;
  }
  return Buffer.concat(chunks);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function tooLarge({ most }: BodyOptions): Refusal {
  const { sent, unfolded: all, ratio } = bodyLimits;
  const words =
    most === null || most >= all
      ? `A body is at most ${sent / 1024 / 1024} MiB, unfolded ${all / 1024 / 1024} MiB and ${ratio} times its size`
      : `A body is at most ${Math.min(sent, most)} bytes with this key, unfolded ${most} bytes and ${ratio} times its size`;
  // The rest of the body is not read, so the connection cannot serve another request.
  return new Refusal("too_large", `${words}. Send less at once, or hand a file over at /v1/loads.`, { connection: "close" });
}

function tooSlow(time_ms: number): Refusal {
  return new Refusal("timeout", `The body did not come within ${time_ms / 1000} s.`, { connection: "close" });
}

function brokenOff(): Refusal {
  return new Refusal("invalid", "The body broke off before its end; nothing of it was taken in.", { connection: "close" });
}
