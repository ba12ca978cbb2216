import { readFile } from "node:fs/promises";
import { type Format, type Mapping, parseMapping } from "@jukebase/events";
import { Invalid, NotFound } from "@jukebase/platform";

const formats: readonly Format[] = ["ndjson", "json", "csv", "fixed"];

/** One of the formats that a source may be written in; undefined stays so. */
export function formatOf(text: string | undefined): Format | undefined {
  return oneOf("--format", text, formats);
}

/** One of the words that an option knows; undefined stays so. Throws `Invalid` naming them. */
export function oneOf<Word extends string>(option: string, text: string | undefined, known: readonly Word[]): Word | undefined {
  if (text === undefined) return undefined;
  const found = known.find((word) => word === text);
  if (found === undefined) throw new Invalid(`${option} is one of ${known.join(", ")}, not "${text}".`);
  return found;
}

/** A mapping file, read and checked; undefined stays so. */
export async function mappingOf(file: string | undefined): Promise<Mapping | undefined> {
  return file === undefined ? undefined : parseMapping(await textOf(file), file);
}

/** A file's text. Throws `NotFound` where there is none. */
export async function textOf(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") throw new NotFound(`There is no file ${file}.`);
    throw new Invalid(`${file} cannot be read: ${error.message}`);
  });
}
