import { readFile } from "node:fs/promises";
import { Conflict } from "../errors.ts";

/** A small file's text without the white space around it; undefined when there is no such file. Throws Conflict when it is closed to us. */
export async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").then(
    (text) => text.trim(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      if (error.code !== "EACCES") throw error;
      throw new Conflict(
        `${file} cannot be read by this user: the database was started by another one. Start as that user, or choose another folder.`,
      );
    },
  );
}
