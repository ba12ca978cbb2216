import type { Jukebase } from "@jukebase/domains/open.ts";
import { parkedEvents, retryParked } from "@jukebase/domains/parked.ts";
import { type LoggedEvent, showEvent, tail } from "@jukebase/events";
import { pgExecutor } from "@jukebase/platform";
import { type AddCommand, type Cli, examples, untilStopped, wholeNumber, withJukebase } from "../cli.ts";
import { doer } from "../doer.ts";
import { listing } from "../terminal.ts";

type TailOptions = { readonly type?: string; readonly source?: string; readonly limit: number; readonly follow?: boolean };

/** `jukebase events`: the log, as people look at it. */
export const eventsCommand: AddCommand = (program, cli) => {
  const command = program.command("events").description("Look into the event log");
  command
    .command("tail")
    .description("The newest events, oldest of them first")
    .option("--type <type>", "only of this type")
    .option("--source <name>", "only from this source")
    .option("--limit <n>", "how many", wholeNumber(), 20)
    .option("--follow", "go on with what arrives, until Ctrl-C; with --json one line for each event")
    .addHelpText("after", examples("events tail", "events tail --type Payment.PaymentReceived --follow"))
    .action((options: TailOptions) => withJukebase(cli, (jukebase) => showTail(cli, jukebase, options)));
  command
    .command("show <id>")
    .description("One event and what became of it; by its key (the receipt) or its own id")
    .option("--source <name>", "where ids of several sources are equal: of this one")
    .addHelpText("after", examples("events show 1f0c6a1e-7f0a-5c3b-9a53-0a8a86a9a0a1", "events show payment-42 --source pos"))
    .action((id: string, options: { source?: string }) =>
      withJukebase(cli, (jukebase) => show(cli, jukebase, id, options.source)),
    );
  command
    .command("parked")
    .description("Events that a projection failed on, with its error; --retry tries them again")
    .option("--retry", "apply them once more; exit code 1 when some stay parked")
    .addHelpText("after", examples("events parked", "events parked --retry"))
    .action((options: { retry?: boolean }) => withJukebase(cli, (jukebase) => parked(cli, jukebase, options.retry ?? false)));
};

async function parked(cli: Cli, jukebase: Jukebase, retry: boolean): Promise<void> {
  const tried = retry ? await retryParked(jukebase, doer()) : undefined;
  const left = await parkedEvents(jukebase);
  cli.terminal.answer({ ...(tried ? { tried: tried.tried } : {}), parked: left });
  if (tried) cli.terminal.print(`Tried ${tried.tried}: ${tried.tried - tried.parked} passed, ${tried.parked} stay parked.`);
  cli.terminal.print(listing({ projection: "text", event_key: "uuid", type: "text", error: "text" }, left, "Nothing is parked."));
  if (tried && tried.parked > 0) cli.exit(1);
}

async function showTail(cli: Cli, jukebase: Jukebase, { type, source, limit, follow }: TailOptions): Promise<void> {
  const db = pgExecutor(jukebase.database.pg);
  const events = (await tail(db, { type, source }, limit)).reverse();
  if (!follow) cli.terminal.answer({ events });
  const tell = (event: LoggedEvent): void => {
    if (follow) cli.terminal.answer(event);
    cli.terminal.print(lineOf(event));
  };
  for (const event of events) tell(event);
  if (!follow) return;
  let after = Math.max(0, ...(await tail(db, {}, 1)).map((event) => event.seq));
  let stopped = false;
  const stop = untilStopped().then(() => {
    stopped = true;
  });
  while (!stopped) {
    await Promise.race([stop, new Promise((resolve) => setTimeout(resolve, 500))]);
    const fresh = (await tail(db, { type, source, after }, follow_max)).reverse();
    for (const event of fresh) tell(event);
    after = Math.max(after, ...fresh.map((event) => event.seq));
  }
}

/** More than arrives in half a second. */
const follow_max = 100_000;

async function show({ terminal }: Cli, { database, archive }: Jukebase, id: string, source: string | undefined): Promise<void> {
  const event = await showEvent(pgExecutor(database.pg), id, source, archive);
  terminal.answer(event);
  const { data, sent, changed_by, waiting, parked, archived, discarded, ...rest } = event;
  for (const [name, value] of Object.entries(rest)) if (value !== null) terminal.print(`${name.padEnd(12)} ${String(value)}`);
  terminal.print(`data         ${JSON.stringify(data, null, 2)}`);
  if (sent !== null) terminal.print(`sent as      ${JSON.stringify(sent, null, 2)}`);
  if (archived !== null) terminal.print(`archived     since ${archived.since} in ${archived.file}`);
  for (const { quarantine, issues, readable } of discarded)
    terminal.print(
      `discarded    ${issues.map(({ path }) => path).join(", ")}: kept in quarantine as ${quarantine}${readable ? "" : ", and can't be read any more"}`,
    );
  for (const change of changed_by)
    terminal.print(`${change.how === "amends" ? "amended by  " : "retracted by"} ${change.event_id}`);
  for (const wait of waiting) terminal.print(`waits        in ${wait.projection} for ${wait.needs_kind} ${wait.needs_id}`);
  for (const park of parked) terminal.print(`parked       in ${park.projection}: ${park.error}`);
}

function lineOf({ seq, ordinal, occurred_at, source, type, event_id, data, retracts }: LoggedEvent): string {
  return `${seq}.${ordinal}  ${occurred_at}  ${source}  ${type}  ${event_id}  ${retracts === null ? JSON.stringify(data) : "(retraction)"}`;
}
