import { type GenerateOptions, readRewardRules, type Scale, scenarios, type Written, writeScenario } from "@jukebase/mock-data";
import { type Config, Invalid, NotFound } from "@jukebase/platform";
import type { Terminal } from "./terminal.ts";

/** Which world, as asked for on the command line. */
export type WorldOptions = { readonly scenario: string; readonly scale: string; readonly seed: number };

/** The folder in which a world's files stand unless told otherwise. */
export function worldFolder({ home }: Config, { scenario, scale, seed }: WorldOptions): string {
  return `${home}/scenarios/${scenario}-${scale}-${seed}`;
}

/** Writes a world's events and its truth into a folder. Throws `NotFound` for a scenario, `Invalid` for a scale that is none. */
export async function writeWorld(terminal: Terminal, folder: string, asked: WorldOptions): Promise<Written> {
  const options = await generateOptions(asked);
  const written = await writeScenario(folder, options, (lines) => terminal.progress(`Making ${asked.scenario}: ${lines} events`));
  terminal.progress(undefined);
  return written;
}

/** What the generator is told, checked. */
export async function generateOptions({ scenario, scale, seed }: WorldOptions): Promise<GenerateOptions> {
  const found = scenarios.find(({ name }) => name === scenario);
  if (found === undefined)
    throw new NotFound(`There is no scenario "${scenario}". Known: ${scenarios.map(({ name }) => name).join(", ")}.`);
  const size: Scale | undefined = found.scales.find((known) => known === scale);
  if (size === undefined) throw new Invalid(`--scale is one of ${found.scales.join(", ")}, not "${scale}".`);
  const rules = await readRewardRules(new URL(import.meta.resolve("@jukebase/db/seeds/agent_reward_rules.csv")));
  return { scenario: found.name, scale: size, seed, rules };
}
