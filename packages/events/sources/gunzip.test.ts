import { constants, gunzipSync, gzipSync } from "node:zlib";
import { Invalid } from "@jukebase/platform/errors.ts";
import { describe, expect, test } from "vitest";
import { gunzip } from "./gunzip.ts";
import { readReceived } from "./read.ts";
import { chunked, collect } from "./reading.testing.ts";

const options = { name: "sales.ndjson.gz", maxRatio: 200 };
const lines = Array.from({ length: 3000 }, (_, id) =>
  JSON.stringify({ type: "A.B", id, data: { hash: (id * 2654435761) % 4294967296 } }),
);
const text = `${lines.join("\n")}\n`;
const packed = gzipSync(text);

/** What came out before the end or an error, and the error. */
async function unpack(bytes: Uint8Array, size = 1000): Promise<{ text: string; error: unknown }> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of gunzip(chunked(bytes, size), options)) parts.push(part);
  } catch (error) {
    return { text: Buffer.concat(parts).toString(), error };
  }
  return { text: Buffer.concat(parts).toString(), error: undefined };
}

describe("an archive", () => {
  test("unpacks to what was packed, however it falls into chunks", async () => {
    for (const size of [1, 7, 1000, Number.POSITIVE_INFINITY])
      expect(await unpack(packed, size)).toEqual({ text, error: undefined });
  });

  test("of several members is one text; what is not gzip behind it is passed over", async () => {
    const members = Buffer.concat([packed, gzipSync("more")]);
    expect(await unpack(members)).toEqual({ text: `${text}more`, error: undefined });
    expect(await unpack(Buffer.concat([packed, Buffer.alloc(70_000)]))).toEqual({ text, error: undefined });
  });

  test("truncated anywhere gives all that was before, then refuses", async () => {
    for (let length = 2; length < packed.length; length += 997) {
      const cut = packed.subarray(0, length);
      const before = gunzipSync(cut, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
      const unpacked = await unpack(cut, 20_000);
      expect(unpacked.text).toBe(before);
      expect(unpacked.error).toBeInstanceOf(Invalid);
    }
  });

  test("truncated says how many events were read, and what to do", async () => {
    const cut = packed.subarray(0, packed.length - 2000);
    const before = gunzipSync(cut, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
    const whole = before.split("\n").length - 1;
    const received: unknown[] = [];
    const reading = (async () => {
      for await (const item of readReceived(gunzip(chunked(cut), options), { format: "ndjson" })) received.push(item);
    })();
    await expect(reading).rejects.toThrow(
      new Invalid(
        `sales.ndjson.gz ends in the middle of its compressed data. Fetch the file again (gzip -t checks it) and load it again: what was read already is not counted twice. Events read before that: ${whole}.`,
      ),
    );
    expect(received).toHaveLength(whole);
    expect(whole).toBeGreaterThan(1000);
  });

  test("damaged anywhere never gives anything but Invalid", async () => {
    for (let at = 2; at < packed.length; at += 499) {
      const damaged = Uint8Array.from(packed);
      damaged[at] = (damaged[at] as number) ^ 0x55;
      const { error } = await unpack(damaged, 4096);
      if (error !== undefined) expect(error).toBeInstanceOf(Invalid);
    }
  });

  test("made to fill a disk is refused early", async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024));
    let size = 0;
    const reading = (async () => {
      for await (const part of gunzip(chunked(bomb, 4096), options)) size += part.length;
    })();
    await expect(reading).rejects.toThrow(/unfolds to more than 200 times its size/);
    expect(size).toBeLessThan(16 * 1024 * 1024);
    const allowed = collect(gunzip(chunked(bomb), { ...options, maxRatio: 2000 }));
    expect((await allowed).reduce((sum, { length }) => sum + length, 0)).toBe(100 * 1024 * 1024);
  });
});
