import { diffMarts, type MartChange, type MartDiff, martStatus, type RowDiff, schemaOf } from "@jukebase/marts";
import { type Database, NotFound, pgExecutor } from "@jukebase/platform";
import { type AddCommand, type Cli, examples } from "../cli.ts";
import { everyMart, everySchema, groundOf, withMartsDatabase } from "../marts-database.ts";
import { changeInWords, differenceOf, rowsInWords } from "../marts-diff-words.ts";
import { type Chosen, type Selection, selectedMarts, withSelection } from "../marts-selection.ts";

type DiffOptions = Selection & { readonly data?: readonly string[] };

/** `jukebase marts diff`: what a build would do. */
export const addMartsDiff: AddCommand = (command, cli) => {
  const diff = command
    .command("diff")
    .description("Say what a build would change, and why, without building; exit code 1 when it would change something")
    .option("--data <name...>", "also compare the rows of these marts as served with those that their definition gives now")
    .option("--env <name>", "compare with the environment of this name");
  withSelection(diff)
    .addHelpText(
      "after",
      examples("marts diff", "marts diff --data fct_sales", "marts diff --select state:modified", "marts diff --env dev --json"),
    )
    .action(async (options: DiffOptions) => {
      const chosen = await selectedMarts(cli, options);
      await withMartsDatabase(cli, "jukebase marts diff", (database) => diffSelected(cli, database, chosen, options));
    });
};

async function diffSelected(cli: Cli, database: Database, chosen: Chosen, { env, data = [] }: DiffOptions): Promise<void> {
  const { terminal } = cli;
  const unknown = data.find((name) => !everyMart.some((mart) => mart.name === name));
  if (unknown !== undefined) throw new NotFound(`There is no mart "${unknown}" whose rows could be compared.`);
  const comparing = (name: string): void => terminal.progress(`Comparing the rows of ${name} …`);
  const found = await diffMarts(database.pg, everyMart, { schemas: everySchema, env, data, ground: groundOf(cli), comparing });
  terminal.progress(undefined);
  const changes = found.changes.filter(({ name }) => chosen.every || chosen.names.includes(name));
  terminal.answer({
    changes: changes.map((change) => ({ ...change, diff: differenceOf(change) })),
    rows: found.rows,
    notes: chosen.notes,
  });
  for (const change of changes) terminal.print(changeInWords(change));
  for (const rows of found.rows) terminal.print(rowsInWords(rows));
  for (const line of await waitingOf(database, found.rows, env)) terminal.print(line);
  terminal.print(counted(changes, chosen));
  if (changes.length > 0) cli.exit(1);
}

// A mart that lags differs rightly from what its definition gives.
async function waitingOf({ pg }: Database, rows: readonly RowDiff[], env: string | undefined): Promise<string[]> {
  const differing = rows.filter(({ rows: { missing, unexpected, changed } }) => missing + unexpected + changed > 0);
  if (differing.length === 0) return [];
  const waiting = (await martStatus(pgExecutor(pg), schemaOf(env))).filter((mart) => mart.waiting > 0).map(({ name }) => name);
  const behind = differing.filter(({ name }) => waiting.includes(name));
  return behind.map(({ name }) => `${name} has not been refreshed yet; try: jukebase marts refresh --select ${name}`);
}

function counted(changes: MartDiff["changes"], { every, names }: Chosen): string {
  const of = (kind: MartChange["change"]): number => changes.filter(({ change }) => change === kind).length;
  const stay = (every ? everyMart.length : names.length) - changes.length + of("removed");
  return `${of("new")} new, ${of("changed")} changed, ${of("words")} only in words or masks, ${of("removed")} removed; ${stay} stay as they are.`;
}
