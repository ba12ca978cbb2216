import type { QuarantineChoice } from "@jukebase/events";
import { Invalid } from "@jukebase/platform";
import type { Command } from "commander";

/** The options by which a command chooses items. */
export type ChoiceOptions = {
  readonly type?: string;
  readonly reason?: string;
  readonly source?: string;
  readonly receivedFrom?: string;
  readonly receivedTo?: string;
};

/** Adds the options by which items are chosen. */
export function choosing(command: Command, verb: string): Command {
  return command
    .option("--type <type>", `${verb} of this event type ("" where none could be read)`)
    .option("--reason <code>", `${verb} with this reason`)
    .option("--source <name>", `${verb} from this source`)
    .option("--received-from <instant>", `${verb} received at or after this date or instant (UTC)`)
    .option("--received-to <instant>", `${verb} received before this date or instant (UTC)`);
}

/** The choice that ids and options make together. Throws `Invalid` when they say nothing and `all` is not given. */
export function choiceOf(
  ids: readonly string[],
  { type, reason, source, receivedFrom, receivedTo }: ChoiceOptions,
  all: boolean,
): QuarantineChoice {
  const filter = { type, reason, source, receivedFrom, receivedTo };
  const chosen = ids.length > 0 || Object.values(filter).some((value) => value !== undefined);
  if (!chosen && !all)
    throw new Invalid("Say which items: ids, --type, --reason, --source, --received-from, --received-to, or --all.");
  return { ...filter, ...(ids.length > 0 ? { ids } : {}) };
}
