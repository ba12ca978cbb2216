import { martEvents } from "@jukebase/domains/mart-events.ts";
import { type Build, buildMarts, testsBeforeSwap } from "@jukebase/marts";
import { type Database, systemClock, transaction } from "@jukebase/platform";
import { actor } from "../actor.ts";
import { type AddCommand, type Cli, examples } from "../cli.ts";
import { everyCheck, everyMart, everySchema, groundOf, withMartsDatabase } from "../marts-database.ts";
import { type Chosen, type Selection, selectedMarts, withSelection } from "../marts-selection.ts";

/** `jukebase marts build`. */
export const addMartsBuild: AddCommand = (command, cli) => {
  const build = command
    .command("build")
    .description("Build what is new or changed, and all that stands on it, beside the old; swap it in when its tests pass")
    .option("--env <name>", "into the schema marts_NAME, which shares what is the same with the marts that everybody reads")
    .option("--no-test", "put it in place although its tests may fail");
  withSelection(build, "only these, and what must move with them")
    .addHelpText("after", examples("marts build", "marts build --env dev", "marts build --select state:modified+"))
    .action(async ({ test, ...selection }: Selection & { readonly test: boolean }) => {
      const chosen = await selectedMarts(cli, selection);
      const options = { env: selection.env, test };
      await withMartsDatabase(cli, "jukebase marts build", (database) => buildSelected(cli, database, chosen, options));
    });
};

async function buildSelected(
  cli: Cli,
  database: Database,
  { names, every }: Chosen,
  { env, test }: { readonly env: string | undefined; readonly test: boolean },
): Promise<void> {
  const { terminal } = cli;
  await transaction(database.pg, groundOf(cli));
  const accept = testsBeforeSwap({ marts: everyMart, checks: everyCheck }, { keep: env === undefined, actor: actor() });
  const options = {
    schemas: everySchema,
    ...(test ? { accept } : {}),
    ...(env === undefined ? {} : { env }),
    ...(every ? {} : { select: (name: string) => names.includes(name) }),
  };
  const events = martEvents(cli.config(), { database, marts: everyMart, clock: systemClock, say: terminal.note });
  const done = await events
    .during("marts.build", (listener) => buildMarts(database.pg, everyMart, { ...options, listener }))
    .finally(events.close);
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
