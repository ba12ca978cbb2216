import type { Jukebase } from "@jukebase/domains/open.ts";
import { martStatus } from "@jukebase/marts";
import { pgExecutor } from "@jukebase/platform";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { type Selection, selectedMarts, withSelection } from "../marts-selection.ts";
import { listing } from "../terminal.ts";

/** `jukebase marts list`. */
export const addMartsList: AddCommand = (command, cli) => {
  const list = command.command("list").description("Every mart: its kind, rows, and whether it is up to date");
  withSelection(list)
    .addHelpText("after", examples("marts list", "marts list --select fct_sales"))
    .action((selection: Selection) => withJukebase(cli, (jukebase) => listMarts(cli, jukebase, selectedMarts(selection))));
};

async function listMarts({ terminal }: Cli, { database }: Jukebase, names: readonly string[]): Promise<void> {
  const found = (await martStatus(pgExecutor(database.pg))).filter(({ name }) => names.includes(name));
  terminal.answer({ marts: found });
  const rows = found.map((mart) => ({
    ...mart,
    state: mart.error ?? (mart.stale ? "stale" : mart.waiting > 0 ? "waiting" : "current"),
  }));
  terminal.print(
    listing({ name: "text", kind: "text", rows: "integer", state: "text", refreshed_at: "timestamp", grain: "text" }, rows),
  );
}
