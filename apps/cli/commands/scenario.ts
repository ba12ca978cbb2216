import { type AddCommand, type Cli, examples, wholeNumber } from "../cli.ts";
import { worldFolder, writeWorld } from "../worlds.ts";

type Options = { readonly scale: string; readonly seed: number; readonly out?: string };

/** `jukebase scenario`: a believable company's events, and the truth about them. */
export const scenarioCommand: AddCommand = (program, cli) => {
  program
    .command("scenario [name]")
    .description("Write a made-up world: its events, malformed ones included, and the answers that they must give")
    .option("--scale <scale>", "small, medium or large", "small")
    .option("--seed <n>", "equal seeds give equal worlds", wholeNumber(0), 1)
    .option("--out <folder>", "where to (default: .jukebase/scenarios/…)")
    .addHelpText("after", examples("scenario", "scenario jukebox --scale medium --seed 7 --out /tmp/world"))
    .action((name: string | undefined, options: Options) => write(cli, name ?? "jukebox", options));
};

async function write({ terminal, config }: Cli, scenario: string, { scale, seed, out }: Options): Promise<void> {
  const world = { scenario, scale, seed };
  const { events, truth, content } = await writeWorld(terminal, out ?? worldFolder(config(), world), world);
  terminal.answer({ ...world, events, truth, counts: content.counts });
  terminal.print(`${content.counts.lines} events  ${events}`);
  terminal.print(`their truth    ${truth}`);
}
