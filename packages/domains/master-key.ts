import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { fingerprintOf } from "@jukebase/events";
import { type Config, Conflict, Invalid } from "@jukebase/platform";

/**
 * The master key: from the environment, from the file that it names, else from the key file in the installation's folder, made there
 * the first time. `sealedWith` is the fingerprint that the database knows: where a change of the key was cut short between the database
 * and the file, the file is put right.
 */
export async function masterKey(config: Config, sealedWith: string | undefined, say: (line: string) => void): Promise<string> {
  if (config.key !== undefined) return config.key;
  if (config.keyFile !== undefined) return namedFile(config.keyFile);
  const file = keyFileOf(config);
  const known = await readFile(file, "utf8").catch(onlyMissing);
  if (known === undefined) return sealedWith === undefined ? made(config, say) : missing(file, sealedWith);
  const next = await readFile(nextOf(file), "utf8").catch(onlyMissing);
  if (next === undefined || sealedWith === undefined) return known;
  if (fingerprintOf(known) === sealedWith) {
    say(`The master key was to be changed and was not: ${file} is still the one; ${nextOf(file)} is not in use.`);
    return known;
  }
  if (fingerprintOf(next) !== sealedWith) return known;
  await putInPlace(file);
  say(`Finished changing the master key, which had been cut short: the new one is now ${file}, the one before ${oldOf(file)}.`);
  return next;
}

/** How the installation's own key file is replaced: `prepare` puts the new key beside it, `finish` in its place. */
export type KeyFileChange = { readonly file: string; readonly old: string; readonly finish: () => Promise<void> };

/** Puts a new key beside the installation's key file, durably, before the database is changed. */
export async function prepareKeyFile(config: Config, key: string): Promise<KeyFileChange> {
  const file = keyFileOf(config);
  await rm(nextOf(file), { force: true });
  const handle = await open(nextOf(file), "wx", 0o600);
  try {
    await handle.write(`${key.trim()}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { file, old: oldOf(file), finish: () => putInPlace(file) };
}

// The old key is kept: it opens backups that were made before.
async function putInPlace(file: string): Promise<void> {
  const old = await readFile(file, "utf8");
  await writeFile(oldOf(file), old, { mode: 0o600 });
  await rename(nextOf(file), file);
}

async function made(config: Config, say: (line: string) => void): Promise<string> {
  const file = keyFileOf(config);
  await mkdir(config.home, { recursive: true });
  try {
    await writeFile(file, `${randomBytes(32).toString("base64")}\n`, { mode: 0o600, flag: "wx" });
    say(`Made a master key: ${file}. Back it up: without it nobody can read the vault.`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // Another process made it in the meantime.
  }
  return readFile(file, "utf8");
}

// A key that was made now could not open what is there, and would hide that the right one is missing.
function missing(file: string, sealedWith: string): never {
  throw new Conflict(
    `This database was sealed with the master key of fingerprint ${sealedWith}, and ${file} is not there. Put the key there, or give it in JUKEBASE_KEY or JUKEBASE_KEY_FILE.`,
  );
}

function namedFile(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: Error) => {
    throw new Invalid(`The master key cannot be read from JUKEBASE_KEY_FILE: ${error.message}`, { cause: error });
  });
}

function keyFileOf({ home }: Pick<Config, "home">): string {
  return `${home}/master.key`;
}

function nextOf(file: string): string {
  return `${file}.next`;
}

function oldOf(file: string): string {
  return `${file}.old`;
}

function onlyMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw new Invalid(`The master key cannot be read: ${error.message}`, { cause: error });
}
