import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Busboy, type BusboyFileStream, type BusboyHeaders } from "@fastify/busboy";
import { Invalid } from "@jukebase/platform";
import type { Request } from "express";

/** A form with files, read to its end: its text fields, and the names under which its files lie in the folder. */
export type Upload = { readonly fields: Readonly<Record<string, string>>; readonly files: Readonly<Record<string, string>> };

/** Where a file goes, how large it may be, and what must hold of the fields before its first byte is kept. */
export type UploadRules = {
  readonly folder: string;
  readonly bytes_max: number;
  readonly allow: (fields: Readonly<Record<string, string>>) => void;
  /** Writes one file under a name in the folder. */
  readonly write: (field: string, name: string, input: AsyncIterable<Uint8Array>) => Promise<unknown>;
};

/** Streams a multipart form's files into a folder; nothing of a refused or broken upload stays. Fields must come before files. */
export async function receiveUpload(request: Request, rules: UploadRules): Promise<Upload> {
  if (!/^multipart\/form-data;/i.test(request.headers["content-type"] ?? ""))
    throw new Invalid("Choose a file and send the form again.");
  await mkdir(rules.folder, { recursive: true });
  const fields: Record<string, string> = {};
  const files: Record<string, string> = {};
  const writing: Promise<void>[] = [];
  const parser = new Busboy({
    headers: request.headers as BusboyHeaders,
    limits: { files: 2, fields: 20, fieldSize: 10_000, fileSize: rules.bytes_max },
  });
  parser.on("field", (name, value) => {
    fields[name] = value;
  });
  parser.on("file", (name, stream, sent) => {
    if (!sent) {
      stream.resume(); // The form had an empty file field.
      return;
    }
    const kept = keptName(sent);
    writing.push(
      keep(stream, name, rules, fields, kept).then(() => {
        files[name] = kept;
      }),
    );
  });
  try {
    await pipeline(request as Readable, parser);
    await Promise.all(writing);
    rules.allow(fields);
    return { fields, files };
  } catch (error) {
    await Promise.allSettled(writing);
    await discardUploads(rules.folder, Object.values(files));
    throw error;
  }
}

/** The name that a file had when it was handed over. */
export function sentName(kept: string): string {
  return kept.replace(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-/, "");
}

/** Takes files of the folder away again. */
export async function discardUploads(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(`${folder}/${name}`, { force: true });
}

async function keep(
  stream: BusboyFileStream,
  field: string,
  rules: UploadRules,
  fields: Readonly<Record<string, string>>,
  name: string,
): Promise<void> {
  try {
    rules.allow(fields);
    await rules.write(field, name, stream);
    if (stream.truncated)
      throw new Invalid(`The file is larger than ${rules.bytes_max} bytes; load it with \`jukebase ingest\` instead.`);
  } catch (error) {
    stream.resume(); // The rest is read and dropped, so that the browser gets to see the answer.
    await discardUploads(rules.folder, [name]);
    throw error;
  }
}

// The name's letters help people and its ending tells the format; the head makes it the only one.
function keptName(sent: string): string {
  const plain = sent
    .replace(/^.*[\\/]/, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .slice(-120);
  return `${randomUUID()}-${plain.replace(/^[.-]+/, "") || "file"}`;
}
