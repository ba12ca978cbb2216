import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { fixQuarantine, parseExact, showQuarantine } from "@jukebase/events";
import { Invalid, pgExecutor } from "@jukebase/platform";
import type { Cli } from "./cli.ts";
import { editor } from "./config.ts";
import { doer } from "./doer.ts";
import { textOf } from "./formats.ts";

/** Where the mended event comes from. */
export type FixOptions = { readonly file?: string; readonly data?: string; readonly why?: string | undefined };

/** Mends one quarantined item and says which issues it would still have. */
export async function fixItem(cli: Cli, jukebase: Jukebase, id: string, { file, data, why }: FixOptions): Promise<void> {
  if (file !== undefined && data !== undefined) throw new Invalid("Give --file or --data, not both.");
  const text = data ?? (file !== undefined ? await textOf(file) : await edited(cli, jukebase, id));
  const issues = await fixQuarantine(jukebase, id, text, doer(why));
  cli.terminal.answer({ quarantine_id: id, issues });
  for (const { path, rule, code } of issues) cli.terminal.print(`still wrong: ${path} ${rule} [${code}]`);
  cli.terminal.print(
    issues.length === 0
      ? `Mended. Now: jukebase quarantine replay ${id}`
      : "Kept as it is now; mend it further before you replay it.",
  );
  if (issues.length > 0) cli.exit(1);
}

async function edited({ terminal }: Cli, jukebase: Jukebase, id: string): Promise<string> {
  const program = editor();
  if (!terminal.interactive || program === undefined)
    throw new Invalid("Give the mended event with --file or --data (or set EDITOR, on a terminal).");
  const { received = "", envelope } = await showQuarantine(pgExecutor(jukebase.database.pg), jukebase.keys, id);
  const folder = await mkdtemp(join(tmpdir(), "jukebase-fix-"));
  try {
    const path = join(folder, "event.json");
    await writeFile(path, readable(envelope ?? received), { mode: 0o600 });
    const { status } = spawnSync("/bin/sh", ["-c", `${program} "$1"`, "sh", path], { stdio: "inherit" });
    if (status !== 0) throw new Invalid(`${program} did not end well; nothing was changed.`);
    return await readFile(path, "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true }); // What was received may tell of people: it stays nowhere else.
  }
}

function readable(text: string): string {
  const parsed = parseExact(text);
  return parsed.ok ? `${JSON.stringify(parsed.value, null, 2)}\n` : text; // Broken JSON is shown as it came.
}
