import { freshnessView, lastSample, readsOf, sampleUse } from "@jukebase/marts/bi/use.ts";
import { NotFound, pgExecutor } from "@jukebase/platform";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { listing } from "../terminal.ts";

/** `jukebase bi use`: who reads which marts, as the server has counted. */
export const addBiUse: AddCommand = (command, cli) => {
  command
    .command("use")
    .description("Which marts the BI roles read: how often, for how long, when last")
    .option("--mart <name>", "of this mart alone")
    .addHelpText("after", examples("bi use", "bi use --mart fct_sales --json"))
    .action(({ mart }: { mart?: string }) => use(cli, mart));
};

async function use(cli: Cli, mart: string | undefined): Promise<void> {
  await withJukebase(cli, async ({ database, marts, clock }) => {
    const names = marts.map(({ name }) => name);
    const known = [...names, freshnessView];
    if (mart !== undefined && !known.includes(mart))
      throw new NotFound(`There is no mart "${mart}". Known: ${known.join(", ")}.`);
    const db = pgExecutor(database.pg);
    await sampleUse(database.pg, names, clock.now());
    const { sampled_at, problem } = await lastSample(db);
    const found = await readsOf(db, mart);
    cli.terminal.answer({ sampled_at, problem, use: found });
    cli.terminal.print(
      listing(
        {
          mart: "text",
          reader: "text",
          tool: "text",
          reads: "integer",
          rows: "integer",
          duration_ms: "integer",
          last_read_at: "timestamp",
        },
        found,
        "No BI role has read a mart yet.",
      ),
    );
    if (problem !== null) cli.terminal.print(problem);
  });
}
