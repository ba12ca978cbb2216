import type { Jukebase } from "@jukebase/domains/open.ts";
import { listRefreshes, type RefreshRecord, refreshOutcomes } from "@jukebase/marts/service/history.ts";
import { type Queued, refreshQueue } from "@jukebase/marts/service/queue.ts";
import { refreshReasons } from "@jukebase/marts/service/run.ts";
import { pgExecutor } from "@jukebase/platform";
import { Option } from "commander";
import { type AddCommand, type Cli, examples, wholeNumber, withJukebase } from "../cli.ts";
import { listing } from "../terminal.ts";

type Options = { readonly mart?: string; readonly reason?: string; readonly outcome?: string; readonly limit: number };

/** `jukebase marts refreshes`. */
export const addMartsRefreshes: AddCommand = (command, cli) => {
  command
    .command("refreshes")
    .description("What was refreshed, why and how long it took; what waits now, and for what")
    .option("--mart <name>", "only this mart")
    .addOption(new Option("--reason <reason>", "only what was refreshed for this").choices(refreshReasons))
    .addOption(new Option("--outcome <outcome>", "only what ended like this").choices(refreshOutcomes))
    .option("--limit <n>", "how many, the newest first", wholeNumber(), 20)
    .addHelpText(
      "after",
      examples("marts refreshes", "marts refreshes --mart fct_sales --outcome failed", "marts refreshes --json"),
    )
    .action((options: Options) => withJukebase(cli, (jukebase) => showRefreshes(cli, jukebase, options)));
};

async function showRefreshes({ terminal }: Cli, { database }: Jukebase, { limit, ...filter }: Options): Promise<void> {
  const db = pgExecutor(database.pg);
  const [queue, refreshes] = [await refreshQueue(db), await listRefreshes(db, filter, limit)];
  terminal.answer({ ...queue, refreshes });
  const now = { marts: "text", state: "text", since: "timestamp", until: "timestamp", failed: "text" } as const;
  terminal.print(listing(now, queue.queued.map(lineOf), "Nothing waits."));
  terminal.print();
  terminal.print(listing(columns, refreshes.map(wordsOf), "No refresh is kept that is like this."));
}

const columns = {
  finished_at: "timestamp",
  mart: "text",
  outcome: "text",
  reason: "text",
  rows_changed: "integer",
  duration_ms: "integer",
  lag_ms: "integer",
  held_ms: "integer",
  what: "text",
} as const;

function lineOf({ marts, state, since, until, failing }: Queued) {
  return { marts: marts.join(" "), state, since: since ?? null, until: until ?? null, failed: failing.join(" ") };
}

function wordsOf({ how, error, waits_for, actor, ...record }: RefreshRecord) {
  const what = error ?? (waits_for === null ? how : `for ${waits_for}`);
  return { ...record, what: actor === null ? what : `${what ?? "nothing to compute"}, for ${actor}` };
}
