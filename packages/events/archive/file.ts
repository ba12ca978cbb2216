import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm, statfs } from "node:fs/promises";
import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompress } from "node:zlib";
import { Conflict } from "@jukebase/platform";
import { eventKeyOf, logIdOf } from "./lines.ts";

/** Where a piece of an archive's file begins, how many compressed bytes it has, and which rows stand in it. */
export type Frame = { readonly first_log_id: string; readonly at: number; readonly bytes: number; readonly rows: number };

/** What was written: `sha256` is of the content before compression, as `zstd -dc FILE | sha256sum` tells it. */
export type Written = {
  readonly frames: readonly Frame[];
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
};

/** Something written of an archive: rows so far. */
export type OnRows = (rows: number) => void;

/** How much content a frame holds before it is packed, about. */
export const frame_bytes = 512 * 1024;
const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/**
 * Writes lines as zstd, cut into frames of about half a megabyte that can each be read alone; together they are one file that any zstd
 * reads. Written beside under a temporary name, synced, and only then given its name: a file with its name is whole.
 */
export async function writeArchive(
  folder: string,
  name: string,
  chunks: AsyncIterable<readonly string[]>,
  onRows: OnRows = () => {},
): Promise<Written> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const beside = `${folder}/${name}.writing`;
  const file = await open(beside, "w", 0o600);
  try {
    const written = await writeFrames(file, chunks, onRows);
    await file.sync();
    await file.close();
    await rename(beside, `${folder}/${name}`);
    await syncFolder(folder);
    return written;
  } catch (error) {
    await file.close().catch(() => {}); // Closed already; the error that came first is the one to tell of.
    await rm(beside, { force: true });
    throw error;
  }
}

async function writeFrames(file: FileHandle, chunks: AsyncIterable<readonly string[]>, onRows: OnRows): Promise<Written> {
  const hash = createHash("sha256");
  const frames: Frame[] = [];
  let [at, rows] = [0, 0];
  let held: string[] = [];
  let held_chars = 0;
  const flush = async (): Promise<void> => {
    if (held.length === 0) return;
    const content = Buffer.from(`${held.join("\n")}\n`);
    hash.update(content);
    const packed = await compress(content, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
    await file.writeFile(packed);
    frames.push({ first_log_id: logIdOf(held[0] as string), at, bytes: packed.length, rows: held.length });
    at += packed.length;
    rows += held.length;
    held = [];
    held_chars = 0;
    onRows(rows);
  };
  for await (const chunk of chunks) {
    for (const line of chunk) {
      held.push(line);
      held_chars += line.length + 1;
      if (held_chars >= frame_bytes) await flush();
    }
  }
  await flush();
  return { frames, rows, bytes: at, sha256: hash.digest("hex") };
}

// A rename is only sure to survive a power cut once the folder that lists it is on disk.
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The content of an archive's frames, one after the other. Throws `Conflict` when the file is not there or a frame is damaged. */
export async function* readFrames(folder: string, name: string, frames: Iterable<Frame>): AsyncGenerator<string> {
  const path = `${folder}/${name}`;
  const file = await open(path, "r").catch((cause: unknown) => {
    throw new Conflict(
      `The archive ${path} cannot be read. Put the file back, or set JUKEBASE_ARCHIVE to the folder that holds it.`,
      { cause },
    );
  });
  try {
    for (const { at, bytes } of frames) {
      const packed = Buffer.alloc(bytes);
      const { bytesRead } = await file.read(packed, 0, bytes, at);
      if (bytesRead !== bytes) throw damaged(path, `it ends at byte ${at + bytesRead}, before what was written`);
      const content = await decompress(packed).catch((cause: unknown) => {
        throw damaged(path, `what stands at byte ${at} is not what was written`, cause);
      });
      yield content.toString("utf8");
    }
  } finally {
    await file.close();
  }
}

/** Reads a whole archive back and compares rows, order and SHA-256 with what was written; `onFrame` is given each frame's lines. */
export async function verifyArchive(
  folder: string,
  name: string,
  written: Written,
  onFrame: (lines: string, rows: number) => Promise<void> = async () => {},
): Promise<void> {
  const hash = createHash("sha256");
  const path = `${folder}/${name}`;
  let rows = 0;
  let last = "";
  for await (const content of readFrames(folder, name, written.frames)) {
    hash.update(content);
    const lines = content.slice(0, -1).split("\n");
    for (const line of lines) {
      const place = `${logIdOf(line)} ${eventKeyOf(line)}`;
      if (place <= last) throw damaged(path, `row ${rows + 1} is out of order`);
      last = place;
      rows += 1;
    }
    await onFrame(content.slice(0, -1), lines.length);
  }
  if (rows !== written.rows) throw damaged(path, `it holds ${rows} rows where ${written.rows} were written`);
  if (hash.digest("hex") !== written.sha256) throw damaged(path, "its content has another SHA-256 than what was written");
}

/** Bytes free where a folder stands; undefined when nothing stands there yet. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  const found = await statfs(folder).catch(() => undefined); // A folder that is not there yet is no reason to stop.
  return found && found.bavail * found.bsize;
}

function damaged(path: string, what: string, cause?: unknown): Conflict {
  return new Conflict(`The archive ${path} is damaged: ${what}. Put the file back from a backup.`, { cause });
}
