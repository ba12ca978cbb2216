import { buildMarts } from "@jukebase/marts";
import type { Database } from "@jukebase/platform";
import { type AddCommand, type Cli, examples } from "../cli.ts";
import { everyMart, everySchema, withMartsDatabase } from "../marts-database.ts";

/** `jukebase marts build`. */
export const addMartsBuild: AddCommand = (command, cli) => {
  command
    .command("build")
    .description("Build what is new or changed, and all that stands on it, beside the old; swap it in when it is complete")
    .addHelpText("after", examples("marts build"))
    .action(() => withMartsDatabase(cli, "jukebase marts build", (database) => build(cli, database)));
};

async function build({ terminal }: Cli, database: Database): Promise<void> {
  const done = await buildMarts(database.pg, everyMart, { schemas: everySchema });
  terminal.answer(done);
  for (const name of done.built) terminal.print(`built ${name}`);
  for (const name of done.removed) terminal.print(`removed ${name}`);
  terminal.print(`${done.built.length} built, ${done.unchanged.length} unchanged, ${done.removed.length} removed.`);
}
