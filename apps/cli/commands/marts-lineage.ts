import { pgExecutor } from "@jukebase/platform";
import { Option } from "commander";
import { type AddCommand, examples, wholeNumber, withJukebase } from "../cli.ts";
import { columnAnswer } from "../lineage-columns.ts";
import { graphAnswer, type LineageAsked } from "../lineage-graph.ts";

/** `jukebase marts lineage`. */
export const addMartsLineage: AddCommand = (command, cli) => {
  command
    .command("lineage")
    .description("What a mart stands on and what stands on it, from events to reports; with --column, of one column")
    .argument("[name]", "a mart, or anything else in the graph: sales.payment, report:total-sales; all of it when left out")
    .option("--column <column>", "the path of this column of the mart")
    .option("--upstream", "only what it stands on")
    .addOption(new Option("--downstream", "only what stands on it").conflicts("upstream"))
    .option("--depth <n>", "so many steps; all unless told", wholeNumber())
    .addOption(new Option("--format <format>", "how it is told").choices(["tree", "json", "svg", "mermaid"]).default("tree"))
    .addHelpText(
      "after",
      examples(
        "marts lineage fct_payments",
        "marts lineage fct_payments --column credit --upstream",
        "marts lineage --format svg > lineage.svg",
      ),
    )
    .action(async (name: string | undefined, options: Omit<LineageAsked, "name">) => {
      const asked = { ...options, name };
      const { value, text } =
        options.column === undefined
          ? await graphAnswer(asked)
          : await withJukebase(cli, ({ database, marts }) => columnAnswer(pgExecutor(database.pg), marts, asked));
      cli.terminal.answer(value);
      if (!cli.terminal.json) cli.terminal.write(`${text.trimEnd()}\n`);
    });
};
