import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { Invalid, NotFound } from "@jukebase/platform/errors.ts";
import { gunzip, gzipMagic } from "./gunzip.ts";
import { type Mapping, mappedFormat } from "./mapping.ts";
import { peek } from "./peek.ts";
import type { Format } from "./read.ts";

/** How to open a source; what is left out is told from the file's name and its first bytes. */
export type SourceOptions = {
  readonly format?: Format | undefined;
  /** Its columns decide between `csv` and `fixed`. */
  readonly mapping?: Mapping | undefined;
  /** How many times its size an archive may unfold to; 200 by default. */
  readonly maxRatio?: number | undefined;
  /** What "-" stands for; the process's own standard input by default. */
  readonly stdin?: AsyncIterable<Uint8Array> | undefined;
};

/**
 * A source to read: decompressed bytes, their format, how many there are if that is known, and of a file what tells it again: a hash of its
 * size, its beginning and its end.
 */
export type OpenedSource = {
  readonly input: AsyncIterable<Uint8Array>;
  readonly format: Format;
  readonly size?: number;
  readonly fingerprint?: string;
};

/**
 * Opens a file, or standard input for "-"; gzip is known by its first bytes, whatever the name. Throws `NotFound` for a file that is
 * not there, `Invalid` for a folder and for a format that cannot be told.
 */
export async function openSource(path: string, options: SourceOptions = {}): Promise<OpenedSource> {
  const name = path === "-" ? "Standard input" : path;
  const raw: RawSource = path === "-" ? { input: options.stdin ?? process.stdin } : await openFile(path);
  const packed = await peek(raw.input, ({ length }) => length >= gzipMagic.length);
  const isPacked = gzipMagic.every((byte, at) => packed.head[at] === byte);
  const input = isPacked ? gunzip(packed.all, { name, maxRatio: options.maxRatio ?? 200 }) : packed.all;
  const known = options.format ?? (options.mapping ? mappedFormat(options.mapping) : formatOfName(path));
  const told = {
    ...(isPacked || raw.size === undefined ? {} : { size: raw.size }),
    ...(raw.fingerprint === undefined ? {} : { fingerprint: raw.fingerprint }),
  };
  return known ? { input, format: known, ...told } : { ...(await sniffed(input, name)), ...told };
}

type RawSource = { readonly input: AsyncIterable<Uint8Array>; readonly size?: number; readonly fingerprint?: string };

async function openFile(path: string): Promise<RawSource> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new NotFound(`There is no file ${path}. Check the path; "-" reads standard input.`, { cause: error });
  });
  if (found.isDirectory()) throw new Invalid(`${path} is a folder: name the file in it.`);
  const input = createReadStream(path, { highWaterMark: 256 * 1024 });
  return found.isFile() ? { input, size: found.size, fingerprint: await fingerprintOf(path, found.size) } : { input };
}

const printedBytes = 64 * 1024;

async function fingerprintOf(path: string, size: number): Promise<string> {
  const file = await open(path);
  try {
    const made = createHash("sha256").update(String(size));
    for (const at of [0, Math.max(0, size - printedBytes)]) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(printedBytes), 0, printedBytes, at);
      made.update(buffer.subarray(0, bytesRead));
    }
    return made.digest("hex");
  } finally {
    await file.close();
  }
}

function formatOfName(path: string): Format | undefined {
  const [, ending = ""] = /\.([a-z]+)(?:\.gz)?$/i.exec(path) ?? [];
  return formatsByEnding[ending.toLowerCase()];
}

const formatsByEnding: Partial<Record<string, Format>> = {
  ndjson: "ndjson",
  jsonl: "ndjson",
  json: "json",
  csv: "csv",
  tsv: "csv",
};

async function sniffed(
  input: AsyncIterable<Uint8Array>,
  name: string,
): Promise<{ input: AsyncIterable<Uint8Array>; format: Format }> {
  const { head, all, close } = await peek(input, (read) => read.length >= sniffBytes || /\S[^\n]*\n/.test(textOf(read)));
  const text = textOf(head).trimStart();
  if (text === "") return { input: all, format: "ndjson" };
  // A brace alone on its line begins an object that is written over several lines.
  if (text[0] === "[" || /^\{[ \t\r]*\n/.test(text)) return { input: all, format: "json" };
  if (text[0] === "{") return { input: all, format: "ndjson" };
  await close();
  throw new Invalid(
    `${name} does not begin as JSON does, with "{" or "[". Say --format ndjson, json, csv or fixed; the last two need --mapping (docs/reference/mapping-files.md).`,
  );
}

const sniffBytes = 64 * 1024;

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString("latin1")
    .replace(/^\u00ef\u00bb\u00bf/, "");
