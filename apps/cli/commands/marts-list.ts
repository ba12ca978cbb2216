import { type MartStatus, martStatus, schemaOf } from "@jukebase/marts";
import { type Database, type Mart, pgExecutor } from "@jukebase/platform";
import { type AddCommand, type Cli, examples } from "../cli.ts";
import { everyMart, withMartsDatabase } from "../marts-database.ts";
import { type Chosen, type Selection, selectedMarts, withSelection } from "../marts-selection.ts";
import { listing } from "../terminal.ts";

/** `jukebase marts list`. */
export const addMartsList: AddCommand = (command, cli) => {
  const list = command
    .command("list")
    .description("Every mart: its kind, rows, and whether it is up to date")
    .option("--env <name>", "of the environment of this name");
  withSelection(list)
    .addHelpText("after", examples("marts list", "marts list --select +fct_sales", "marts list --select tag:cash,state:modified"))
    .action(async (selection: Selection) => {
      const chosen = await selectedMarts(cli, selection);
      await withMartsDatabase(cli, "jukebase marts list", (database) => listMarts(cli, database, chosen, selection.env));
    });
};

async function listMarts({ terminal }: Cli, { pg }: Database, chosen: Chosen, env: string | undefined): Promise<void> {
  const statuses = await martStatus(pgExecutor(pg), schemaOf(env));
  const built = statuses.filter(({ name }) => chosen.every || chosen.names.includes(name));
  const missing = everyMart.filter(({ name }) => chosen.names.includes(name) && !statuses.some((mart) => mart.name === name));
  terminal.answer({ marts: built, not_built: missing.map(notBuilt), notes: chosen.notes });
  const rows = [...built.map((mart) => ({ ...mart, state: stateOf(mart) })), ...missing.map(notBuilt)];
  terminal.print(
    listing({ name: "text", kind: "text", rows: "integer", state: "text", refreshed_at: "timestamp", grain: "text" }, rows),
  );
}

function stateOf(mart: MartStatus): string {
  return mart.error ?? (mart.stale ? "stale" : mart.waiting > 0 ? "waiting" : "current");
}

function notBuilt({
  name,
  kind,
  grain,
  owner,
}: Mart): Pick<Mart, "name" | "kind" | "grain" | "owner"> & { readonly state: string } {
  return { name, kind, grain, owner, state: "not built" };
}
