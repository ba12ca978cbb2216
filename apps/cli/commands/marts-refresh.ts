import type { Jukebase } from "@jukebase/domains/open.ts";
import { refreshByHand } from "@jukebase/domains/refresh-by-hand.ts";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { doer } from "../doer.ts";
import { type Chosen, type Selection, selectedMarts, withSelection } from "../marts-selection.ts";
import { listing } from "../terminal.ts";

/** `jukebase marts refresh`. */
export const addMartsRefresh: AddCommand = (command, cli) => {
  const refresh = command.command("refresh").description("Bring marts up to now, computing only what is marked");
  withSelection(refresh, "only these and what they stand on")
    .addHelpText("after", examples("marts refresh", "marts refresh --select fct_sales+", "marts refresh --env dev"))
    .option("--env <name>", "the marts of the schema marts_NAME")
    .action(async (selection: Selection) => {
      const chosen = await selectedMarts(cli, selection);
      await withJukebase(cli, (jukebase) => refreshSelected(cli, jukebase, chosen, selection.env));
    });
};

async function refreshSelected(cli: Cli, jukebase: Jukebase, { names, every }: Chosen, env: string | undefined): Promise<void> {
  const done = await refreshByHand(jukebase, doer(), every ? undefined : names, env);
  const failed = done.filter(({ error }) => error !== undefined);
  cli.terminal.answer({ marts: done });
  cli.terminal.print(listing({ name: "text", reason: "text", rowsChanged: "integer", duration_ms: "integer" }, done));
  for (const { error } of failed) cli.terminal.print(error);
  if (failed.length > 0) cli.exit(1);
}
