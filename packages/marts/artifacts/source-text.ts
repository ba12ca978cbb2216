import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/** A file of the project with a SELECT in it: its path from the project's folder, its text, the SHA-256 of that, and the SELECT to run. */
export type SourceText = { readonly path: string; readonly text: string; readonly checksum: string; readonly select: string };

/** Reads such a file. */
export async function sourceText(file: URL, root: URL): Promise<SourceText> {
  const text = await readFile(file, "utf8");
  return { path: pathFrom(root, file), text, checksum: sha256(text), select: text.trimEnd().replace(/;$/, "") };
}

/** The path from a folder to a file beneath it; what lies elsewhere is named by its last three parts. */
export function pathFrom(root: URL, file: URL): string {
  const [folder, path] = [root, file].map(({ pathname }) => decodeURIComponent(pathname)) as [string, string];
  const inside = folder.endsWith("/") ? folder : `${folder}/`;
  return path.startsWith(inside) ? path.slice(inside.length) : path.split("/").slice(-3).join("/");
}

/** The SHA-256 of a text, in hexadecimal. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
