import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { type Config, Invalid } from "@jukebase/platform";

/** The master key: from the environment, else from the key file in the installation's folder, made there the first time. */
export async function masterKey(config: Config, say: (line: string) => void): Promise<string> {
  if (config.key !== undefined) return config.key;
  const file = `${config.home}/master.key`;
  const known = await readFile(file, "utf8").catch(onlyMissing);
  if (known !== undefined) return known;
  await mkdir(config.home, { recursive: true });
  try {
    await writeFile(file, `${randomBytes(32).toString("base64")}\n`, { mode: 0o600, flag: "wx" });
    say(`Made a master key: ${file}. Back it up: without it nobody can read the vault.`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // Another process made it in the meantime.
  }
  return readFile(file, "utf8");
}

function onlyMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw new Invalid(`The master key cannot be read: ${error.message}`);
}
