import { text } from "node:stream/consumers";
import { textOf } from "./formats.ts";

/** The password in a file, or on standard input for `-`; undefined where no file is named. */
export async function passwordFrom(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  return file === "-" ? text(process.stdin) : textOf(file);
}
