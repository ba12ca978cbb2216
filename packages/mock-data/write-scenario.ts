import { createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type GenerateOptions, generate } from "./generate.ts";
import type { Truth } from "./truth/truth.ts";

/** The files written and the truth in the second of them. */
export type Written = { readonly events: string; readonly truth: string; readonly content: Truth };

/** Writes `events.ndjson` and `truth.json` into a folder, which is made where it is missing; `onProgress` hears of the lines written. */
export async function writeScenario(
  folder: string,
  options: GenerateOptions,
  onProgress?: (lines: number) => void,
): Promise<Written> {
  await mkdir(folder, { recursive: true });
  const [events, truth] = [join(folder, "events.ndjson"), join(folder, "truth.json")];
  const made = generate(options);
  await pipeline(chunksOf(made.batches, onProgress), createWriteStream(events));
  const content = made.truth();
  await writeFile(truth, `${JSON.stringify(content, null, 1)}\n`);
  return { events, truth, content };
}

function* chunksOf(batches: Iterable<readonly string[]>, onProgress: ((lines: number) => void) | undefined): Generator<string> {
  let lines = 0;
  for (const batch of batches) {
    if (batch.length > 0) yield `${batch.join("\n")}\n`;
    lines += batch.length;
    onProgress?.(lines);
  }
}
