import { NotFound } from "@jukebase/platform";
import type { Command } from "commander";
import { everyMart } from "./marts-database.ts";

/** What a command on marts was told of which ones are meant. */
export type Selection = { readonly select?: readonly string[] };

/** Adds the options by which marts are selected. */
export function withSelection(command: Command, meaning = "only these"): Command {
  return command.option("--select <name...>", meaning);
}

/** The names of the marts meant; all when nothing was selected. Throws NotFound for a name that no mart has. */
export function selectedMarts({ select }: Selection): readonly string[] {
  const known = everyMart.map(({ name }) => name);
  const names = select ?? known;
  for (const name of names)
    if (!known.includes(name)) throw new NotFound(`There is no mart "${name}". Known: ${known.join(", ")}.`);
  return names;
}
