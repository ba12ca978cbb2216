import { text } from "node:stream/consumers";
import { Invalid } from "@jukebase/platform";
import type { Command } from "commander";
import { textOf } from "./formats.ts";

/** Where a password is to be read from. */
export type PasswordGiven = { readonly passwordStdin?: boolean; readonly passwordFile?: string };

/** Puts the options that say where a password is read from into a command. */
export function withPassword(command: Command): Command {
  return command
    .option("--password-stdin", "read the password from standard input")
    .option("--password-file <file>", "read the password from a file");
}

/** The password, without the end of its line; undefined where none is given. Throws `Invalid` for an empty one, and for two. */
export async function passwordGiven({ passwordStdin, passwordFile }: PasswordGiven): Promise<string | undefined> {
  if (passwordStdin === true && passwordFile !== undefined)
    throw new Invalid("Give --password-stdin or --password-file, not both.");
  if (passwordStdin !== true && passwordFile === undefined) return undefined;
  const given = passwordFile === undefined ? await text(process.stdin) : await textOf(passwordFile);
  const password = given.replace(/\r?\n$/, "");
  if (password === "") throw new Invalid(`${passwordFile ?? "Standard input"} holds no password.`);
  return password;
}
