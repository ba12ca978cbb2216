import type { Jukebase } from "@jukebase/domains/open.ts";
import { type GroupMending, mendGroup, type QuarantineChoice, tryMending } from "@jukebase/events";
import type { Cli } from "./cli.ts";
import { doer } from "./doer.ts";
import { countsOf, progressOf } from "./group-progress.ts";

/** What is to be done to each item, and how. */
export type GroupFix = { readonly expression: string; readonly dryRun: boolean; readonly why: string | undefined };

/** Mends a group by one expression, or, in a dry run, says what that would do and shows a few items before and after. */
export async function fixGroup(cli: Cli, jukebase: Jukebase, choice: QuarantineChoice, fix: GroupFix): Promise<void> {
  const { terminal } = cli;
  const onProgress = progressOf<GroupMending>(terminal, fix.dryRun ? "tried" : "mended");
  if (fix.dryRun) {
    const { samples, ...tried } = await tryMending(jukebase, choice, fix.expression, { onProgress });
    terminal.progress(undefined);
    terminal.answer({ dry_run: true, ...tried, samples });
    terminal.print(sentence(tried, "would be"));
    for (const { quarantine_id, before, after, issues } of samples) {
      terminal.print(`\n${quarantine_id}\n- ${before}\n+ ${after}`);
      for (const { path, rule, code } of issues) terminal.print(`  still wrong: ${path} ${rule} [${code}]`);
    }
    return;
  }
  const done = await mendGroup(jukebase, choice, fix.expression, doer(fix.why), { onProgress });
  terminal.progress(undefined);
  terminal.answer({ dry_run: false, ...done });
  terminal.print(sentence(done, "are"));
  if (done.sound > 0) terminal.print("Now replay them: jukebase quarantine replay, with the same choice.");
}

function sentence({ taken, changed, sound, broken, reasons }: GroupMending, are: string): string {
  const left = broken === 0 ? "" : ` (${countsOf(reasons)})`;
  return `${taken} taken, ${changed} changed: ${sound} ${are} sound, ${broken} ${are} not${left}.`;
}
