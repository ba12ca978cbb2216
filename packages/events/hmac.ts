import { createHmac, hash } from "node:crypto";

const block = 64;
const digest = 32;
const longest = 16 * 1024;

/** A key's two blocks (RFC 2104), each with room behind it for what is hashed with it. */
type Pads = { readonly inner: Buffer; readonly outer: Buffer };

const known = new WeakMap<Buffer, Pads>();

/**
 * HMAC-SHA-256 of a text, in hex. The same as `createHmac`, in a quarter of its time for short texts: millions of events are hashed one by
 * one, and most of the time would go into making and freeing the objects behind it.
 */
export function hmacSha256(key: Buffer, text: string): string {
  if (text.length * 3 > longest || key.length > block) return createHmac("sha256", key).update(text).digest("hex");
  const { inner, outer } = padsOf(key);
  const length = inner.write(text, block, "utf8");
  outer.write(hash("sha256", inner.subarray(0, block + length), "latin1"), block, digest, "latin1");
  return hash("sha256", outer, "hex");
}

function padsOf(key: Buffer): Pads {
  const made = known.get(key) ?? { inner: padded(key, 0x36, longest), outer: padded(key, 0x5c, digest) };
  known.set(key, made);
  return made;
}

function padded(key: Buffer, mask: number, room: number): Buffer {
  const pad = Buffer.alloc(block + room);
  for (let at = 0; at < block; at += 1) pad[at] = (key[at] ?? 0) ^ mask;
  return pad;
}
