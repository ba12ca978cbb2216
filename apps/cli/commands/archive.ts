import { userInfo } from "node:os";
import { catchUp } from "@jukebase/domains/catch-up.ts";
import type { Jukebase } from "@jukebase/domains/open.ts";
import {
  type Archive,
  type ArchiveOutcome,
  archiveCounts,
  archivePolicy,
  archives,
  purgeArchives,
  runArchive,
  setArchivePolicy,
  sizeOfArchives,
} from "@jukebase/events";
import { Invalid, pgExecutor, transaction } from "@jukebase/platform";
import { type AddCommand, type Cli, examples, wholeNumber, withJukebase } from "../cli.ts";
import { listing } from "../terminal.ts";

type PolicyOptions = { readonly keepMonths?: number; readonly keepAll?: boolean };
type RunOptions = { readonly before?: string; readonly dryRun?: boolean };
type PurgeOptions = { readonly before: string; readonly why: string; readonly yes?: boolean; readonly dryRun?: boolean };

/** `jukebase archive`: old months of the log leave the database for files, and at last those too. */
export const archiveCommand: AddCommand = (program, cli) => {
  const command = program
    .command("archive")
    .description("Old months of the event log: put them into files, look at them, purge them");
  command
    .command("policy")
    .description("How many whole months of the log stay in the database; without an option, says what holds")
    .option("--keep-months <n>", "keep this many whole months; the worker archives what is older, each night", wholeNumber())
    .option("--keep-all", "archive nothing (what is archived stays so)")
    .addHelpText("after", examples("archive policy", "archive policy --keep-months 13"))
    .action((options: PolicyOptions) => withJukebase(cli, (jukebase) => policy(cli, jukebase, options)));
  command
    .command("run")
    .description("Archive now what the policy, or --before, says")
    .option("--before <month>", "every month before this one (YYYY-MM), whatever the policy says")
    .option("--dry-run", "only say what would be archived, and what stands in the way")
    .addHelpText("after", examples("archive run", "archive run --before 2025-06 --dry-run"))
    .action((options: RunOptions) => withJukebase(cli, (jukebase) => run(cli, jukebase, options)));
  command
    .command("list")
    .description("Every archive: its events, its file with SHA-256, and whether it was purged")
    .addHelpText("after", examples("archive list", "archive list --json"))
    .action(() => withJukebase(cli, (jukebase) => list(cli, jukebase)));
  command
    .command("purge")
    .description("Delete archives for good; from then on a rebuild starts from an opening state that is kept instead")
    .requiredOption("--before <month>", "the archives of every month before this one (YYYY-MM)")
    .requiredOption("--why <text>", "the reason; it stays with the decision")
    .option("--dry-run", "only say what would be purged")
    .option("--yes", "really do it")
    .addHelpText(
      "after",
      examples(
        `archive purge --before 2024-01 --why "kept for two years" --dry-run`,
        `archive purge --before 2024-01 --why "kept for two years" --yes`,
      ),
    )
    .action((options: PurgeOptions) => withJukebase(cli, (jukebase) => purge(cli, jukebase, options)));
};

async function policy({ terminal }: Cli, { database, clock }: Jukebase, { keepMonths, keepAll }: PolicyOptions): Promise<void> {
  if (keepAll && keepMonths !== undefined) throw new Invalid("--keep-months and --keep-all contradict each other: give one.");
  if (keepAll || keepMonths !== undefined)
    await transaction(database.pg, (db) =>
      setArchivePolicy(db, { keep_months: keepMonths }, { actor: actor(), at: clock.now() }),
    );
  const { keep_months } = await archivePolicy(pgExecutor(database.pg));
  terminal.answer({ keep_months: keep_months ?? null });
  terminal.print(
    keep_months === undefined
      ? "The whole log stays in the database."
      : `${keep_months} whole months of the log stay in the database.`,
  );
}

async function run({ terminal }: Cli, jukebase: Jukebase, options: RunOptions): Promise<void> {
  const outcomes = await runArchive(jukebase, {
    ...options,
    actor: actor(),
    onProgress: (partition, rows, of) => terminal.progress(`Archiving ${partition}: ${rows} of ${of} events`),
  });
  terminal.answer({ folder: jukebase.archive, dry_run: options.dryRun ?? false, partitions: outcomes.map(withoutUndefined) });
  const rows = outcomes.map(({ left, file, ...outcome }) => ({
    ...outcome,
    what: left ?? (file === null ? wouldSay(options) : file),
  }));
  terminal.print(
    listing(
      { partition: "text", rows: "integer", bytes: "integer", what: "text" },
      rows,
      "No month is old enough: see jukebase archive policy.",
    ),
  );
}

function wouldSay({ dryRun }: RunOptions): string {
  return dryRun ? "would be archived" : "empty: dropped";
}

function withoutUndefined({ left, ...outcome }: ArchiveOutcome): object {
  return { ...outcome, left: left ?? null };
}

async function list({ terminal }: Cli, jukebase: Jukebase): Promise<void> {
  const db = pgExecutor(jukebase.database.pg);
  const all = await archives(db);
  const counted: (Archive & { readonly counts: object })[] = [];
  for (const archive of all) counted.push({ ...archive, counts: await archiveCounts(db, archive.partition) });
  terminal.answer({ folder: jukebase.archive, archives: counted });
  terminal.print(
    listing(
      { partition: "text", rows: "integer", bytes: "integer", archived_at: "timestamp", purged_at: "timestamp", file: "text" },
      all,
      "Nothing is archived.",
    ),
  );
}

async function purge(cli: Cli, jukebase: Jukebase, { yes, dryRun, ...options }: PurgeOptions): Promise<void> {
  const { terminal } = cli;
  if (!yes && !dryRun) throw new Invalid("A purge cannot be undone: look with --dry-run first, then say --yes.");
  const projections = jukebase.domains.flatMap((domain) => domain.projections);
  const { free } = await sizeOfArchives(jukebase);
  const purged = await purgeArchives(
    { ...jukebase, projections },
    {
      ...options,
      dryRun: dryRun ?? false,
      actor: actor(),
      onStart: ({ partitions, rows, bytes }) =>
        terminal.note(
          `Reading ${partitions} archives (${rows} events, ${bytes} bytes packed${free === undefined ? "" : `, ${free} bytes free`}) to make the opening state.`,
        ),
      onProgress: (rows, of) => terminal.progress(`Reading archives: ${rows} of ${of} events`),
    },
  );
  if (!dryRun) await catchUp(jukebase);
  terminal.answer({ ...purged, dry_run: dryRun ?? false });
  const what = `${purged.partitions.join(", ")}: ${purged.rows} events, ${purged.bytes} bytes`;
  terminal.print(
    dryRun
      ? `Would purge ${what}.`
      : `Purged ${what}. A rebuild starts after batch ${purged.through} now; the decision is the event ${purged.event_id}.`,
  );
}

function actor(): string {
  return `cli:${userInfo().username}`;
}
