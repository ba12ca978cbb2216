import { catchUp } from "@jukebase/domains/catch-up.ts";
import type { Jukebase } from "@jukebase/domains/open.ts";
import {
  discardQuarantine,
  listQuarantine,
  type QuarantineFilter,
  quarantineGroups,
  type ReplaySummary,
  replay,
  showQuarantine,
  statusesInWords,
  tryReplay,
} from "@jukebase/events";
import { Invalid, pgExecutor } from "@jukebase/platform";
import { type AddCommand, type Cli, examples, wholeNumber, withJukebase } from "../cli.ts";
import { doer } from "../doer.ts";
import { fixGroup } from "../fix-group.ts";
import { type FixOptions, fixItem } from "../fix-item.ts";
import { countsOf, progressOf } from "../group-progress.ts";
import { type ChoiceOptions, choiceOf, choosing } from "../quarantine-choice.ts";
import { listing } from "../terminal.ts";

type ListOptions = QuarantineFilter & { readonly limit: number; readonly skip: number };
type FixGroupOptions = ChoiceOptions &
  FixOptions & {
    readonly set: readonly string[];
    readonly expression?: string;
    readonly dryRun?: boolean;
    readonly why?: string;
  };
type ReplayOptions = ChoiceOptions & { readonly all?: boolean; readonly dryRun?: boolean; readonly why?: string };

/** `jukebase quarantine`: what no contract accepted; look, mend, replay, discard. */
export const quarantineCommand: AddCommand = (program, cli) => {
  const command = program
    .command("quarantine")
    .description("Events that broke a contract: look at them, mend them, replay them, set them aside");
  choosing(command.command("list"), "only")
    .description("The groups by type and reason, and the items, newest first")
    .option("--status <status>", statusesInWords, "open")
    .option("--limit <n>", "how many items", wholeNumber(), 50)
    .option("--skip <n>", "how many items to pass over first", wholeNumber(0), 0)
    .addHelpText("after", examples("quarantine list", "quarantine list --reason ambiguous-date --limit 10"))
    .action((options: ListOptions) => withJukebase(cli, (jukebase) => list(cli, jukebase, options)));
  command
    .command("show <id>")
    .description("One item: why it is here, and what was received")
    .addHelpText("after", examples("quarantine show 0198c0de-0000-7000-8000-000000000001"))
    .action((id: string) => withJukebase(cli, (jukebase) => show(cli, jukebase, id)));
  choosing(command.command("fix [id]"), "all")
    .description(
      "Put a mended event beside what was received; without --file and --data, your editor opens; or mend a group at once",
    )
    .option("--file <file>", "the mended event, or its bare body")
    .option("--data <json>", "the same as text")
    .option(
      "--set <place=value>",
      'for a group: set a place to a JSON value, as in $.data.Currency="EUR"; may be given again',
      collected,
      [],
    )
    .option("--expression <text>", "for a group: set, rename, copy, remove, replace … with …, separated by semicolons")
    .option("--dry-run", "for a group: say what would become of it, change nothing")
    .option("--why <text>", "the reason, for the audit log")
    .addHelpText(
      "after",
      examples(
        `quarantine fix 0198c0de-0000-7000-8000-000000000001 --data '{"PaymentAmount": 12, "OccurredAt": "2025-03-01"}'`,
        `quarantine fix --type Payment.PaymentReceived --reason missing --expression 'rename $.data.Amount to $.data.PaymentAmount' --dry-run`,
        `quarantine fix --reason bad-currency --set '$.data.Currency="EUR"'`,
      ),
    )
    .action((id: string | undefined, options: FixGroupOptions) =>
      withJukebase(cli, (jukebase) => fix(cli, jukebase, id, options)),
    );
  choosing(command.command("replay [id...]"), "all")
    .description("Put open items through the intake again, then bring everything up to date")
    .option("--all", "all open items")
    .option("--dry-run", "count what would be logged, be a duplicate, or be left, and change nothing")
    .option("--why <text>", "the reason, for the audit log")
    .addHelpText(
      "after",
      examples(
        "quarantine replay 0198c0de-0000-7000-8000-000000000001",
        "quarantine replay --reason ambiguous-date --dry-run",
        "quarantine replay --source till --received-from 2026-03-01 --received-to 2026-04-01",
        "quarantine replay --all",
      ),
    )
    .action((ids: string[], options: ReplayOptions) => withJukebase(cli, (jukebase) => again(cli, jukebase, ids, options)));
  choosing(command.command("discard [id...]"), "all")
    .description("Set open items aside for good; they stay counted")
    .requiredOption("--why <text>", "the reason, for whoever asks later")
    .addHelpText("after", examples(`quarantine discard 0198c0de-0000-7000-8000-000000000001 --why "test data"`))
    .action((ids: string[], options: ChoiceOptions & { why: string }) =>
      withJukebase(cli, (jukebase) => discard(cli, jukebase, ids, options)),
    );
};

async function list({ terminal }: Cli, { database }: Jukebase, { limit, skip, ...filter }: ListOptions): Promise<void> {
  const db = pgExecutor(database.pg);
  const [items, groups] = [await listQuarantine(db, filter, limit, skip), await quarantineGroups(db, filter)];
  terminal.answer({ groups, items });
  const told = groups.map((group) => ({ ...group, sources: group.sources.join(", ") }));
  const columns = { items: "integer", reason: "text", type: "text", first_seen: "timestamp", last_seen: "timestamp" } as const;
  terminal.print(
    listing({ ...columns, sources: "text", sample: "uuid" }, told, `Nothing in quarantine is ${filter.status ?? "open"}.`),
  );
  if (items.length === 0) return;
  terminal.print();
  const rows = items.map((item) => ({
    ...item,
    what:
      item.issues[0] === undefined ? "" : `${item.issues[0].path} ${item.issues[0].rule.split(" Expected: ")[0]}`.slice(0, 90),
  }));
  terminal.print(
    listing({ quarantine_id: "uuid", source: "text", type: "text", line: "integer", reason: "text", what: "text" }, rows),
  );
}

async function show({ terminal }: Cli, { database, keys }: Jukebase, id: string): Promise<void> {
  const item = await showQuarantine(pgExecutor(database.pg), keys, id);
  terminal.answer(item);
  const { issues, received, envelope, ...rest } = item;
  for (const [name, value] of Object.entries(rest)) if (value !== null) terminal.print(`${name.padEnd(14)} ${String(value)}`);
  for (const { path, rule, code } of issues) terminal.print(`issue          ${path} ${rule} [${code}]`);
  terminal.print(`received       ${received ?? "no longer kept: the key of its day has expired"}`);
  if (envelope !== undefined) terminal.print(`to be replayed ${envelope}`);
}

async function fix(cli: Cli, jukebase: Jukebase, id: string | undefined, options: FixGroupOptions): Promise<void> {
  const { set, expression, dryRun = false, why, file, data, ...filter } = options;
  const program = [...set.map((one) => `set ${one}`), ...(expression === undefined ? [] : [expression])].join("; ");
  if (program === "" && id === undefined) throw new Invalid("Give the id of an item, or --set or --expression for a group.");
  if (program === "" && dryRun) throw new Invalid("A dry run is for a group: give --set or --expression.");
  if (program === "") return fixItem(cli, jukebase, id as string, { ...options, why });
  if (file !== undefined || data !== undefined)
    throw new Invalid("Give --file or --data for one item, or --set or --expression.");
  await fixGroup(cli, jukebase, choiceOf(id === undefined ? [] : [id], filter, false), { expression: program, dryRun, why });
}

async function again(cli: Cli, jukebase: Jukebase, ids: readonly string[], options: ReplayOptions): Promise<void> {
  const { terminal } = cli;
  const choice = choiceOf(ids, options, options.all ?? false);
  for (const id of ids) await showQuarantine(pgExecutor(jukebase.database.pg), jukebase.keys, id);
  const onProgress = progressOf<ReplaySummary>(terminal, options.dryRun ? "tried" : "replayed");
  if (options.dryRun) {
    const { reasons, ...tried } = await tryReplay(jukebase, choice, { onProgress });
    terminal.progress(undefined);
    terminal.answer({ dry_run: true, ...tried, reasons });
    const why = tried.left === 0 ? "" : ` (${countsOf(reasons)})`;
    terminal.print(
      `${tried.taken} would be taken = ${tried.logged} logged + ${tried.duplicates} duplicates + ${tried.left} still in quarantine${why}`,
    );
    return;
  }
  const done = await replay(jukebase, choice, doer(options.why), { onProgress });
  terminal.progress(undefined);
  const projected = await catchUp(jukebase);
  terminal.answer({ ...done, projected: { parked: projected.parked, marts: projected.marts.length } });
  terminal.print(
    `${done.taken} taken = ${done.logged} logged + ${done.duplicates} duplicates + ${done.left} still in quarantine`,
  );
}

async function discard(
  { terminal }: Cli,
  jukebase: Jukebase,
  ids: readonly string[],
  { why, ...options }: ChoiceOptions & { why: string },
): Promise<void> {
  const discarded = await discardQuarantine(jukebase, choiceOf(ids, options, false), { ...doer(), why });
  terminal.answer({ discarded });
  terminal.print(`${discarded}${ids.length > 0 ? ` of ${ids.length}` : ""} discarded; they stay counted.`);
}

function collected(one: string, before: readonly string[]): string[] {
  return [...before, one];
}
