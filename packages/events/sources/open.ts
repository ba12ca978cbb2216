import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
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

/** A source to read: decompressed bytes, their format, and how many there are if that is known. */
export type OpenedSource = { readonly input: AsyncIterable<Uint8Array>; readonly format: Format; readonly size?: number };

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
  const size = isPacked || raw.size === undefined ? {} : { size: raw.size };
  return known ? { input, format: known, ...size } : { ...(await sniffed(input, name)), ...size };
}

type RawSource = { readonly input: AsyncIterable<Uint8Array>; readonly size?: number };

async function openFile(path: string): Promise<RawSource> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new NotFound(`There is no file ${path}. Check the path; "-" reads standard input.`, { cause: error });
  });
  if (found.isDirectory()) throw new Invalid(`${path} is a folder: name the file in it.`);
  const input = createReadStream(path, { highWaterMark: 256 * 1024 });
  return found.isFile() ? { input, size: found.size } : { input };
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
