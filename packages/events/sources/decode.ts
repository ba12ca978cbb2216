import { isUtf8 } from "node:buffer";

/** How the text of a source is encoded; `latin1` is Windows-1252, of which ISO 8859-1 is the printable part. */
export type Encoding = "utf-8" | "latin1";

const latin1 = new TextDecoder("windows-1252");

/** Bytes as text; undefined where they are not UTF-8 (overlong forms and surrogates included). */
export function decode(bytes: Uint8Array, encoding: Encoding = "utf-8"): string | undefined {
  if (encoding === "latin1") return latin1.decode(bytes);
  return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8") : undefined;
}
