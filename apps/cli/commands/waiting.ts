import type { Jukebase } from "@jukebase/domains/open.ts";
import { awaitedParents, setWaitingLimit, waitingCounts, waitingLimits } from "@jukebase/events";
import { Invalid, pgExecutor } from "@jukebase/platform";
import { type AddCommand, type Cli, examples, wholeNumber, withJukebase } from "../cli.ts";
import { doer } from "../doer.ts";
import { listing } from "../terminal.ts";

type ListOptions = {
  readonly kind?: string;
  readonly olderThan?: number;
  readonly orphans?: boolean;
  readonly limit: number;
  readonly skip: number;
};

/** `jukebase waiting`: events whose parent has not come. */
export const waitingCommand: AddCommand = (program, cli) => {
  const command = program.command("waiting").description("Events whose parent has not come, and when they count as orphans");
  command
    .command("list")
    .description("The parents that events wait for, the longest awaited first")
    .option("--kind <kind>", "only of this kind: customer, location, song, event …")
    .option("--older-than <days>", "only those awaited for at least so long, as in 7d", days)
    .option("--orphans", "only those awaited for longer than the limit of their kind")
    .option("--limit <n>", "how many", wholeNumber(), 50)
    .option("--skip <n>", "how many to pass over first", wholeNumber(0), 0)
    .addHelpText("after", examples("waiting list", "waiting list --kind customer --older-than 7d"))
    .action((options: ListOptions) => withJukebase(cli, (jukebase) => list(cli, jukebase, options)));
  command
    .command("limit [kind]")
    .description("After how many days without its parent an event is shown as an orphan; without --days, the limits as they are")
    .option("--days <n>", "the limit from now on; it is 30 days where nothing is said", wholeNumber())
    .option("--why <text>", "the reason, for the audit log")
    .addHelpText("after", examples("waiting limit", "waiting limit customer --days 14", "waiting limit '*' --days 60"))
    .action((kind: string | undefined, options: { days?: number; why?: string }) =>
      withJukebase(cli, (jukebase) => limit(cli, jukebase, kind, options)),
    );
};

async function list({ terminal }: Cli, { database, clock }: Jukebase, options: ListOptions): Promise<void> {
  const db = pgExecutor(database.pg);
  const filter = { kind: options.kind, olderThanDays: options.olderThan, orphans: options.orphans };
  const parents = await awaitedParents(db, clock.now(), filter, options.limit, options.skip);
  const kinds = await waitingCounts(db, clock.now());
  terminal.answer({ kinds, parents });
  const rows = parents.map((parent) => ({ ...parent, types: parent.types.join(", ") }));
  const columns = { kind: "text", id: "text", events: "integer", orphans: "integer", oldest: "timestamp" } as const;
  terminal.print(listing({ ...columns, age_days: "integer", types: "text" }, rows, "No event waits for a parent."));
  for (const { kind, events, orphans, limit_days } of kinds)
    if (orphans > 0)
      terminal.print(`${orphans} of ${events} events that need a ${kind} have waited ${limit_days} days or longer.`);
}

async function limit(
  { terminal }: Cli,
  jukebase: Jukebase,
  kind: string | undefined,
  { days: wanted, why }: { readonly days?: number; readonly why?: string },
): Promise<void> {
  if (kind !== undefined && wanted !== undefined) await setWaitingLimit(jukebase, kind, wanted, doer(why));
  else if (kind !== undefined || wanted !== undefined)
    throw new Invalid("Give both, a kind and --days; * stands for every other kind.");
  const limits = await waitingLimits(pgExecutor(jukebase.database.pg));
  terminal.answer({ limits });
  terminal.print(listing({ kind: "text", days: "integer" }, limits, "30 days for every kind: no limit was set."));
}

function days(text: string): number {
  const [, count] = /^(\d{1,4})d?$/.exec(text) ?? [];
  if (count === undefined) throw new Invalid(`"${text}" is not a number of days: write 7d.`);
  return Number(count);
}
