import { createGunzip, type Gunzip } from "node:zlib";
import { Invalid } from "@jukebase/platform/errors.ts";

/** How a compressed input is read: `name` for errors, `maxRatio` how many times its size it may unfold to. */
export type GunzipOptions = { readonly name: string; readonly maxRatio: number };

/** The two bytes with which every gzip file begins (RFC 1952). */
export const gzipMagic = [0x1f, 0x8b];

const sliceBytes = 16 * 1024;
/** Below this a ratio says nothing. */
const harmlessBytes = 1024 * 1024;

/**
 * Unpacks gzip, holding at most what 16 KiB of it unfold to. Throws `Invalid` when the archive is truncated, damaged or a bomb, after
 * everything before that was yielded (a stream piped through zlib loses what it had buffered).
 */
export async function* gunzip(input: AsyncIterable<Uint8Array>, options: GunzipOptions): AsyncGenerator<Uint8Array> {
  const unpacker = createGunzip();
  const unpacked: Uint8Array[] = [];
  let sizeIn = 0;
  let sizeOut = 0;
  unpacker.on("data", (chunk: Uint8Array) => {
    unpacked.push(chunk);
    sizeOut += chunk.length;
    if (sizeOut > harmlessBytes && sizeOut > sizeIn * options.maxRatio) unpacker.destroy(bomb(options));
  });
  // Looked at after each step; without a listener it would end the process.
  unpacker.on("error", () => undefined);
  const step = stepper(unpacker);
  try {
    for await (const slice of slices(input)) {
      sizeIn += slice.length;
      await step((done) => unpacker.write(slice, done));
      yield* unpacked.splice(0);
      if (unpacker.errored) throw refusal(unpacker.errored, options);
    }
    await step(() => unpacker.end());
    yield* unpacked.splice(0);
    if (unpacker.errored) throw refusal(unpacker.errored, options);
  } finally {
    unpacker.destroy();
  }
}

async function* slices(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of input) {
    for (let at = 0; at < chunk.length; at += sliceBytes) yield chunk.subarray(at, at + sliceBytes);
  }
}

/** Runs one step until it is done or the unpacker has closed: damaged data closes it without calling a write back. */
function stepper(unpacker: Gunzip): (start: (done: () => void) => void) => Promise<void> {
  let wake = (): void => undefined;
  unpacker.once("close", () => wake());
  return (start) =>
    new Promise((resolve) => {
      wake = resolve;
      if (unpacker.closed) resolve();
      else start(resolve);
    });
}

function refusal(error: NodeJS.ErrnoException, { name }: GunzipOptions): Error {
  if (error instanceof Invalid) return error;
  const again = "Fetch the file again (gzip -t checks it) and load it again: what was read already is not counted twice.";
  if (error.code === "Z_BUF_ERROR")
    return new Invalid(`${name} ends in the middle of its compressed data. ${again}`, { cause: error });
  if (error.code === "Z_DATA_ERROR")
    return new Invalid(`${name} is damaged: its compressed data cannot be unpacked. ${again}`, { cause: error });
  return error;
}

function bomb({ name, maxRatio }: GunzipOptions): Invalid {
  return new Invalid(
    `${name} unfolds to more than ${maxRatio} times its size, as an archive made to fill a disk does. If it is sound, unpack it first and load what comes out.`,
  );
}
