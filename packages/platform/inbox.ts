import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";

/** What a sealed file begins with. */
const magic = Buffer.from("jkbx1\n");
const frameBytes = 64 * 1024;
const headBytes = 4 + 12 + 16;

/**
 * Writes a file that waits to be loaded, sealed (AES-256-GCM in numbered frames), because what is sent may tell of persons. It stands
 * under its name only when it is whole. Throws what the input throws, and leaves nothing then. Returns how many bytes came in.
 */
export async function sealFile(folder: string, name: string, key: Buffer, input: AsyncIterable<Uint8Array>): Promise<number> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const half = `${folder}/.${name}.${randomBytes(6).toString("hex")}`;
  try {
    const size = await writeSealed(half, key, input);
    await rename(half, `${folder}/${name}`);
    return size;
  } catch (error) {
    await rm(half, { force: true });
    throw error;
  }
}

/** The plain bytes of a sealed file; of a file that was put there as it is, those. Throws when a frame was changed or is missing. */
export async function* unsealFile(path: string, key: Buffer): AsyncGenerator<Uint8Array> {
  const input = createReadStream(path, { highWaterMark: 4 * frameBytes });
  let held: Buffer = Buffer.alloc(0);
  let sealed: boolean | undefined;
  let number = 0;
  let ended = false;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    if (sealed === undefined) {
      if (held.length < magic.length) continue;
      sealed = held.subarray(0, magic.length).equals(magic);
      if (sealed) held = held.subarray(magic.length);
    }
    if (!sealed) {
      yield held;
      held = Buffer.alloc(0);
      continue;
    }
    for (let frame = nextFrame(held); frame !== undefined; frame = nextFrame(held)) {
      const plain = unsealFrame(key, frame, number);
      held = held.subarray(frame.length);
      number += 1;
      if (plain.length === 0) ended = true;
      else yield plain;
    }
  }
  if (sealed && (!ended || held.length > 0)) throw new Error("The sealed file is not whole.");
  if (!sealed && held.length > 0) yield held;
}

async function writeSealed(path: string, key: Buffer, input: AsyncIterable<Uint8Array>): Promise<number> {
  const file = await open(path, "wx", 0o600);
  let size = 0;
  let number = 0;
  try {
    await file.write(magic);
    for await (const chunk of input) {
      size += chunk.length;
      for (let at = 0; at < chunk.length; at += frameBytes) {
        await file.write(sealFrame(key, chunk.subarray(at, at + frameBytes), number));
        number += 1;
      }
    }
    await file.write(sealFrame(key, Buffer.alloc(0), number)); // An empty frame says that nothing is missing.
    await file.sync();
  } finally {
    await file.close();
  }
  return size;
}

// Four bytes length, nonce, tag, ciphertext; the number is authenticated, so that frames cannot change places.
function sealFrame(key: Buffer, plain: Uint8Array, number: number): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(numbered(number));
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, nonce, cipher.getAuthTag(), text]);
}

function nextFrame(held: Buffer): Buffer | undefined {
  if (held.length < headBytes) return undefined;
  const length = headBytes + held.readUInt32BE(0);
  return held.length < length ? undefined : held.subarray(0, length);
}

function unsealFrame(key: Buffer, frame: Buffer, number: number): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, frame.subarray(4, 16)).setAAD(numbered(number));
  decipher.setAuthTag(frame.subarray(16, headBytes));
  return Buffer.concat([decipher.update(frame.subarray(headBytes)), decipher.final()]);
}

function numbered(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}
