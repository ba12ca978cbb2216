import { catchUp } from "@jukebase/domains/catch-up.ts";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { declareSource, type LoadSummary, load, loadFingerprint, type Mapping, openSource, type Source } from "@jukebase/events";
import { pgExecutor } from "@jukebase/platform";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { formatOf, mappingOf, oneOf } from "../formats.ts";
import { loadProgress } from "../load-progress.ts";
import { type QuarantinedReason, reasonsOf } from "../load-reasons.ts";

type Options = {
  readonly source?: string;
  readonly type?: string;
  readonly mapping?: string;
  readonly format?: string;
  readonly kind?: string;
  readonly full?: boolean;
  readonly namespace?: string;
  readonly dateOrder?: string;
  readonly timeZone?: string;
  readonly currency?: string;
  readonly logOnly?: boolean;
};

/** `jukebase ingest`: files into the log, then through to the marts. */
export const ingestCommand: AddCommand = (program, cli) => {
  program
    .command("ingest <file...>")
    .description("Load events from files (or from standard input: -) and bring everything up to date")
    .option("--source <name>", "who sends the events (default: the mapping's source, else main)")
    .option("--type <type>", "the type of bare bodies, which do not say one")
    .option("--mapping <file>", "what the columns of a CSV or fixed-width file mean")
    .option("--format <format>", "ndjson, json, csv or fixed; told from the file when left out")
    .option("--kind <kind>", "facts: each row happened; observations: each row is a state seen")
    .option("--full", "observations only: the file is the whole state, what it does not name has vanished")
    .option("--namespace <name>", "sources of one namespace share natural ids (default: the source's name)")
    .option("--date-order <order>", "how dates like 03/04/2024 are read: dmy, mdy or ymd")
    .option("--time-zone <zone>", "the IANA zone of timestamps without one")
    .option("--currency <code>", "the ISO 4217 code of amounts without one")
    .option("--log-only", "only log; leave the rest to a worker")
    .addHelpText(
      "after",
      examples(
        "ingest events.ndjson",
        "ingest export.csv --mapping export.mapping.json",
        "ingest - --source pos --currency EUR < events.ndjson",
      ),
    )
    .action((files: string[], options: Options) => withJukebase(cli, (jukebase) => ingest(cli, jukebase, files, options)));
};

type Loaded = LoadSummary & { readonly file: string; readonly source: string; readonly reasons: readonly QuarantinedReason[] };

async function ingest(cli: Cli, jukebase: Jukebase, files: readonly string[], options: Options): Promise<void> {
  const { terminal } = cli;
  const mapping = await mappingOf(options.mapping);
  const source = await declare(jukebase, mapping, options);
  const loads: Loaded[] = [];
  for (const file of files) {
    const loaded = await loadFile(cli, jukebase, file, source, mapping, options);
    loads.push(loaded);
    tell(cli, loaded);
  }
  const projected = options.logOnly ? undefined : await bringUp(cli, jukebase);
  terminal.answer({ loads, projected: projected ?? null });
}

function declare({ database }: Jukebase, mapping: Mapping | undefined, options: Options): Promise<Source> {
  return declareSource(pgExecutor(database.pg), options.source ?? mapping?.source ?? "main", {
    kind: oneOf("--kind", options.kind, ["facts", "observations"]) ?? mapping?.kind,
    namespace: options.namespace,
    dateOrder: oneOf("--date-order", options.dateOrder, ["dmy", "mdy", "ymd"]) ?? mapping?.dateOrder,
    timeZone: options.timeZone ?? mapping?.timeZone,
    currency: options.currency ?? mapping?.currency,
  });
}

async function loadFile(
  { terminal }: Cli,
  jukebase: Jukebase,
  file: string,
  source: Source,
  mapping: Mapping | undefined,
  { type, format, full }: Options,
): Promise<Loaded> {
  const opened = await openSource(file, { format: formatOf(format), mapping });
  const read = { format: opened.format, mapping, type };
  const name = file === "-" ? "stdin" : file;
  const onProgress = loadProgress(terminal, name, opened.size);
  const fingerprint = loadFingerprint(opened.fingerprint, { ...read, full });
  const options = { source, name, fingerprint, type, full: full ?? false, onProgress };
  const summary = await load(jukebase, { bytes: opened.input, read }, options);
  return { file: name, source: source.source, ...summary, reasons: await reasonsOf(jukebase, summary.loadId) };
}

function tell({ terminal }: Cli, { file, received, logged, duplicates, quarantined, reasons, carried_on }: Loaded): void {
  if (carried_on !== undefined) terminal.print(`${file}: carried on at byte ${carried_on}, where an earlier attempt broke off`);
  terminal.print(`${file}: ${received} received = ${logged} logged + ${duplicates} duplicates + ${quarantined} quarantined`);
  for (const { type, reason, items, line, path, rule } of reasons) {
    terminal.print(
      `  ${items} × ${reason}${type === null ? "" : ` in ${type}`}, first on line ${line ?? "?"}: ${path} ${brief(rule)}`,
    );
  }
  if (quarantined > 0) terminal.print("  See: jukebase quarantine list");
}

async function bringUp({ terminal }: Cli, jukebase: Jukebase): Promise<{ parked: number; marts: number }> {
  const { parked, marts } = await catchUp(jukebase, (projection) => terminal.progress(`Projecting ${projection}`));
  terminal.print(`Everything is up to date; ${marts.length} marts had something new.`);
  if (parked > 0) terminal.print(`${parked} events are parked; see: jukebase doctor`);
  return { parked, marts: marts.length };
}

// What would be right is long, and stands in the JSON answer and with the quarantined item.
function brief(rule: string): string {
  return rule.split(" Expected: ")[0] ?? rule;
}
