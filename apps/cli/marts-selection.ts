import { domains } from "@jukebase/domains";
import {
  type Asked,
  domainGraph,
  factsNeeded,
  lastResults,
  martStates,
  type SelectionFacts,
  selectNodes,
  testId,
} from "@jukebase/marts";
import { pgExecutor } from "@jukebase/platform";
import type { Command } from "commander";
import type { Cli } from "./cli.ts";
import { everyMart, everySchema, groundOf, withMartsDatabase } from "./marts-database.ts";

/** What a command on marts was told of which ones are meant. */
export type Selection = Asked & { readonly env?: string };

/** What a selection means here. */
export type Chosen = {
  /** The marts, by name, in the order of their domains. */
  readonly names: readonly string[];
  /** Nothing was said: all of them, also those that no source knows any more. */
  readonly every: boolean;
  /** Whether a test of this name is meant: it was selected, or it tests a mart that was. */
  readonly isTest: (name: string) => boolean;
  /** A sentence for each part that selects nothing; said on standard error already. */
  readonly notes: readonly string[];
};

/** Adds the options by which marts are selected, in dbt's words. */
export function withSelection(command: Command, meaning = "only these"): Command {
  return command
    .option(
      "--select <selection...>",
      `${meaning}: name, +name, name+, @name, tag:…, path:…, state:modified, …; "a,b" is what is in both`,
    )
    .option("--exclude <selection...>", "but not these");
}

/**
 * The marts and tests that a selection means. State and results are asked of the database as it is now, before the installation is
 * opened, which builds. What selects nothing is said on standard error. Throws Invalid and NotFound on what is wrong in it.
 */
export async function selectedMarts(cli: Cli, { select, exclude, env }: Selection): Promise<Chosen> {
  const asked = { select, exclude };
  const needed = factsNeeded(asked);
  const facts = needed.size === 0 ? {} : await factsNow(cli, needed, env);
  const { ids, notes: said } = selectNodes(await domainGraph(domains), asked, facts);
  const names = everyMart.map(({ name }) => name).filter((name) => ids.has(`mart.${name}`));
  const notes = names.length === 0 && said.length === 0 ? ["There is no mart in this selection."] : said;
  for (const note of notes) cli.terminal.note(note);
  return { names, every: select === undefined && exclude === undefined, isTest: (name) => ids.has(testId(name)), notes };
}

function factsNow(cli: Cli, needed: ReadonlySet<keyof SelectionFacts>, env: string | undefined): Promise<SelectionFacts> {
  return withMartsDatabase(cli, "jukebase marts", async ({ pg }) => {
    const db = pgExecutor(pg);
    return {
      ...(needed.has("results") ? { results: await lastResults(db) } : {}),
      ...(needed.has("states")
        ? { states: await martStates(pg, everyMart, { schemas: everySchema, env, ground: groundOf(cli) }) }
        : {}),
    };
  });
}
