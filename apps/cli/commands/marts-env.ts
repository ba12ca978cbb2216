import { dropEnvironment, environments } from "@jukebase/marts";
import { pgExecutor } from "@jukebase/platform";
import { type AddCommand, examples } from "../cli.ts";
import { withMartsDatabase } from "../marts-database.ts";
import { listing } from "../terminal.ts";

/** `jukebase marts env`: what was built with --env. */
export const addMartsEnv: AddCommand = (command, cli) => {
  const { terminal } = cli;
  const env = command.command("env").description("Environments: marts built with --env beside those that everybody reads");
  env
    .command("list")
    .description("Every environment, its schema, and how many of its marts no other shares")
    .addHelpText("after", examples("marts env list"))
    .action(() =>
      withMartsDatabase(cli, "jukebase marts env", async ({ pg }) => {
        const found = await environments(pgExecutor(pg));
        terminal.answer({ environments: found });
        terminal.print(listing({ name: "text", schema: "text", marts: "integer", own: "integer" }, found));
      }),
    );
  env
    .command("drop")
    .argument("<name>", "as given to --env")
    .description("Take an environment away, and what only it stands on")
    .addHelpText("after", examples("marts env drop dev"))
    .action((name: string) =>
      withMartsDatabase(cli, "jukebase marts env", async ({ pg }) => {
        await dropEnvironment(pg, name);
        terminal.answer({ dropped: name });
        terminal.print(`Dropped ${name}.`);
      }),
    );
};
