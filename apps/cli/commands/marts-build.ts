import { type Build, buildMarts } from "@jukebase/marts";
import { type Database, transaction } from "@jukebase/platform";
import { type AddCommand, type Cli, examples } from "../cli.ts";
import { everyMart, everySchema, groundOf, withMartsDatabase } from "../marts-database.ts";
import { type Chosen, type Selection, selectedMarts, withSelection } from "../marts-selection.ts";

/** `jukebase marts build`. */
export const addMartsBuild: AddCommand = (command, cli) => {
  const build = command
    .command("build")
    .description("Build what is new or changed, and all that stands on it, beside the old; swap it in when it is complete")
    .option("--env <name>", "into the schema marts_NAME, which shares what is the same with the marts that everybody reads");
  withSelection(build, "only these, and what must move with them")
    .addHelpText("after", examples("marts build", "marts build --env dev", "marts build --select state:modified+"))
    .action(async (selection: Selection) => {
      const chosen = await selectedMarts(cli, selection);
      await withMartsDatabase(cli, "jukebase marts build", (database) => buildSelected(cli, database, chosen, selection.env));
    });
};

async function buildSelected(cli: Cli, database: Database, { names, every }: Chosen, env: string | undefined): Promise<void> {
  const { terminal } = cli;
  await transaction(database.pg, groundOf(cli));
  const done = await buildMarts(database.pg, everyMart, {
    schemas: everySchema,
    ...(env === undefined ? {} : { env }),
    ...(every ? {} : { select: (name) => names.includes(name) }),
  });
  terminal.answer(done);
  for (const name of done.built) terminal.print(`built ${name}`);
  for (const name of done.shared) terminal.print(`shared ${name}`);
  for (const name of done.removed) terminal.print(`removed ${name}`);
  const counts = [
    `${done.built.length} built`,
    ...(done.shared.length > 0 ? [`${done.shared.length} shared`] : []),
    `${done.unchanged.length} unchanged`,
    `${done.removed.length} removed`,
  ];
  terminal.print(`${counts.join(", ")}.`);
  if (done.swap !== undefined) terminal.print(swapInWords(done.swap));
}

function swapInWords({ held_ms, locks, attempts }: NonNullable<Build["swap"]>): string {
  const relations = `${locks} ${locks === 1 ? "relation" : "relations"}`;
  const again = attempts === 1 ? "" : ` It let readers pass and tried again ${attempts - 1} times before.`;
  return `The swap held strong locks on ${relations} for ${held_ms} ms.${again}`;
}
