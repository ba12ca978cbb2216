import type { Jukebase } from "@jukebase/domains/open.ts";
import { refreshMarts } from "@jukebase/marts";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { everyMart } from "../marts-database.ts";
import { type Selection, selectedMarts, withSelection } from "../marts-selection.ts";
import { listing } from "../terminal.ts";

/** `jukebase marts refresh`. */
export const addMartsRefresh: AddCommand = (command, cli) => {
  const refresh = command.command("refresh").description("Bring marts up to now, computing only what is marked");
  withSelection(refresh, "only these and what they stand on")
    .addHelpText("after", examples("marts refresh", "marts refresh --select fct_sales"))
    .action((selection: Selection) => withJukebase(cli, (jukebase) => refreshSelected(cli, jukebase, selectedMarts(selection))));
};

async function refreshSelected(cli: Cli, { database }: Jukebase, names: readonly string[]): Promise<void> {
  const done = await refreshMarts(database.pg, names.length === everyMart.length ? {} : { only: names });
  const failed = done.filter(({ error }) => error !== undefined);
  cli.terminal.answer({ marts: done });
  cli.terminal.print(listing({ name: "text", reason: "text", rowsChanged: "integer", duration_ms: "integer" }, done));
  for (const { error } of failed) cli.terminal.print(error);
  if (failed.length > 0) cli.exit(1);
}
