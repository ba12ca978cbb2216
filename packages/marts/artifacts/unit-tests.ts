import { readFile } from "node:fs/promises";
import type { Mart } from "@jukebase/platform/mart.ts";
import { pathFrom, sha256 } from "./source-text.ts";

/** A test of a mart's SELECT over given rows: the sentence that it is called by, and the file in which given and expected rows stand. */
export type UnitTest = { readonly title: string; readonly path: string; readonly checksum: string };

/** The unit tests in the file beside the mart's SQL, in their order; none where there is no such file. */
export async function unitTestsBeside(mart: Mart, root: URL): Promise<UnitTest[]> {
  const file = new URL(mart.file.pathname.replace(/\.sql$/, ".test.ts"), mart.file);
  const text = await readFile(file, "utf8").catch(missing);
  const path = pathFrom(root, file);
  return titlesIn(text).map((title) => ({ title, path, checksum: sha256(text) }));
}

function titlesIn(text: string): string[] {
  return [...text.matchAll(/^\s*test\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')/gm)].map(([, double, single]) =>
    (double ?? single ?? "").replaceAll(/\\(.)/g, "$1"),
  );
}

function missing(error: NodeJS.ErrnoException): string {
  if (error.code === "ENOENT") return "";
  throw error;
}
