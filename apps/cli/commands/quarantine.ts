import { catchUp } from "@jukebase/domains/catch-up.ts";
import type { Jukebase } from "@jukebase/domains/open.ts";
import {
  discardQuarantine,
  listQuarantine,
  type QuarantineFilter,
  quarantineGroups,
  replay,
  showQuarantine,
} from "@jukebase/events";
import { Invalid, pgExecutor } from "@jukebase/platform";
import { type AddCommand, type Cli, examples, wholeNumber, withJukebase } from "../cli.ts";
import { type FixOptions, fixItem } from "../fix-item.ts";
import { listing } from "../terminal.ts";

type ListOptions = QuarantineFilter & { readonly limit: number };
type ReplayOptions = QuarantineFilter & { readonly all?: boolean };

/** `jukebase quarantine`: what no contract accepted; look, mend, replay, discard. */
export const quarantineCommand: AddCommand = (program, cli) => {
  const command = program
    .command("quarantine")
    .description("Events that broke a contract: look at them, mend them, replay them, set them aside");
  command
    .command("list")
    .description("The items, newest first, and how many of each reason")
    .option("--type <type>", "only of this event type")
    .option("--reason <code>", "only with this reason")
    .option("--source <name>", "only from this source")
    .option("--status <status>", "open, replayed, discarded or expired", "open")
    .option("--limit <n>", "how many", wholeNumber(), 50)
    .addHelpText("after", examples("quarantine list", "quarantine list --reason ambiguous-date --limit 10"))
    .action((options: ListOptions) => withJukebase(cli, (jukebase) => list(cli, jukebase, options)));
  command
    .command("show <id>")
    .description("One item: why it is here, and what was received")
    .addHelpText("after", examples("quarantine show 0198c0de-0000-7000-8000-000000000001"))
    .action((id: string) => withJukebase(cli, (jukebase) => show(cli, jukebase, id)));
  command
    .command("fix <id>")
    .description("Put a mended event beside what was received; without --file and --data, your editor opens")
    .option("--file <file>", "the mended event, or its bare body")
    .option("--data <json>", "the same as text")
    .addHelpText(
      "after",
      examples(`quarantine fix 0198c0de-0000-7000-8000-000000000001 --data '{"PaymentAmount": 12, "OccurredAt": "2025-03-01"}'`),
    )
    .action((id: string, options: FixOptions) => withJukebase(cli, (jukebase) => fixItem(cli, jukebase, id, options)));
  command
    .command("replay [id...]")
    .description("Put open items through the intake again, then bring everything up to date")
    .option("--type <type>", "all of this event type")
    .option("--reason <code>", "all with this reason")
    .option("--source <name>", "all from this source")
    .option("--all", "all open items")
    .addHelpText(
      "after",
      examples(
        "quarantine replay 0198c0de-0000-7000-8000-000000000001",
        "quarantine replay --reason ambiguous-date",
        "quarantine replay --all",
      ),
    )
    .action((ids: string[], options: ReplayOptions) => withJukebase(cli, (jukebase) => again(cli, jukebase, ids, options)));
  command
    .command("discard <id...>")
    .description("Set open items aside for good; they stay counted")
    .requiredOption("--why <text>", "the reason, for whoever asks later")
    .addHelpText("after", examples(`quarantine discard 0198c0de-0000-7000-8000-000000000001 --why "test data"`))
    .action((ids: string[], options: { why: string }) =>
      withJukebase(cli, (jukebase) => discard(cli, jukebase, ids, options.why)),
    );
};

async function list({ terminal }: Cli, { database }: Jukebase, { limit, ...filter }: ListOptions): Promise<void> {
  const db = pgExecutor(database.pg);
  const [items, groups] = [await listQuarantine(db, filter, limit), await quarantineGroups(db, filter)];
  terminal.answer({ groups, items });
  terminal.print(
    listing({ items: "integer", reason: "text", type: "text" }, groups, `Nothing in quarantine is ${filter.status ?? "open"}.`),
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

async function again(cli: Cli, jukebase: Jukebase, ids: readonly string[], { all, ...filter }: ReplayOptions): Promise<void> {
  const chosen = ids.length > 0 || Object.values(filter).some((value) => value !== undefined);
  if (!chosen && !all) throw new Invalid("Say what to replay: ids, --type, --reason, --source, or --all.");
  for (const id of ids) await showQuarantine(pgExecutor(jukebase.database.pg), jukebase.keys, id);
  const done = await replay(jukebase, { ...filter, ...(ids.length > 0 ? { ids } : {}) });
  const projected = await catchUp(jukebase);
  cli.terminal.answer({ ...done, projected: { parked: projected.parked, marts: projected.marts.length } });
  cli.terminal.print(
    `${done.taken} taken = ${done.logged} logged + ${done.duplicates} duplicates + ${done.left} still in quarantine`,
  );
}

async function discard({ terminal }: Cli, { database, clock }: Jukebase, ids: readonly string[], why: string): Promise<void> {
  const discarded = await discardQuarantine(pgExecutor(database.pg), ids, why, clock.now());
  terminal.answer({ discarded });
  terminal.print(`${discarded} of ${ids.length} discarded; they stay counted.`);
}
