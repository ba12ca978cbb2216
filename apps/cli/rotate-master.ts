import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { changeMasterKey } from "@jukebase/domains/change-master-key.ts";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { Invalid, NotFound } from "@jukebase/platform";
import { actor } from "./actor.ts";
import type { Cli } from "./cli.ts";

/** Where the next master key comes from. */
export type MasterKeyOptions = { readonly newKeyFile?: string; readonly generate?: boolean };

/** Changes the master key and says what the person has to do now. */
export async function rotateMaster({ terminal }: Cli, jukebase: Jukebase, options: MasterKeyOptions): Promise<void> {
  const { config } = jukebase;
  const next = await nextKey(jukebase, options);
  const changed = await changeMasterKey(jukebase, next, actor());
  terminal.answer(changed);
  terminal.print(`The keys are sealed under the master key ${changed.fingerprint} from now on; before it was ${changed.before}.`);
  if (changed.file !== undefined) {
    terminal.print(
      `It is in ${changed.file}: back it up. The one before is in ${changed.old}; only backups made before now need it.`,
    );
  } else {
    const where = config.key === undefined ? `the file that JUKEBASE_KEY_FILE names (${config.keyFile})` : "JUKEBASE_KEY";
    terminal.print(`Put it into ${where} now: the database does not open with the old one any more.`);
  }
  terminal.print("Processes that run go on until they end; start them again soon.");
}

async function nextKey({ config }: Jukebase, { newKeyFile, generate }: MasterKeyOptions): Promise<string> {
  const given = [newKeyFile, generate ? "generated" : undefined].filter((one) => one !== undefined);
  if (given.length > 1) throw new Invalid("Give --new-key-file or --generate, not both.");
  if (newKeyFile !== undefined) {
    return readFile(newKeyFile, "utf8").catch((error: NodeJS.ErrnoException) => {
      const Kind = error.code === "ENOENT" ? NotFound : Invalid;
      throw new Kind(`The new master key cannot be read from ${newKeyFile}: ${error.message}`, { cause: error });
    });
  }
  if (generate) {
    if (config.key === undefined && config.keyFile === undefined) return randomBytes(32).toString("base64");
    throw new Invalid(
      "--generate replaces the key file of the installation's folder, but yours comes from the environment: make a key with `openssl rand -base64 32`, and give it by --new-key-file or JUKEBASE_NEW_KEY.",
    );
  }
  if (config.newKey !== undefined) return config.newKey;
  throw new Invalid("Say which key is the next: --generate, --new-key-file FILE, or JUKEBASE_NEW_KEY.");
}
