import type { Config } from "@jukebase/platform";
import { runCommand } from "../run.ts";

/** Makes an API key as people do, by `jukebase key create`, and gives its secret. Throws what the command complains of. */
export async function makeKey(config: Config, source: string): Promise<string> {
  const said = { answer: undefined as unknown, complaint: "" };
  const code = await runCommand(["key", "create", source, "--source", source, "--json"], {
    terminal: {
      json: true,
      interactive: false,
      print: () => {},
      answer: (value) => {
        said.answer = value;
      },
      write: () => {},
      note: () => {},
      progress: () => {},
    },
    config: () => config,
    complain: (text) => {
      said.complaint = text;
    },
  });
  if (code !== 0) throw new Error(`No API key could be made: ${said.complaint}`);
  return (said.answer as { secret: string }).secret;
}
