import type { Command } from "commander";
import { generated } from "./markdown.ts";

/** The page on every command: what `--help` says, at a fixed width. */
export function commandsPage(program: Command): string {
  return [
    "# The jukebase command",
    generated,
    "Exit codes: 0 ok, 1 failed, 2 bad input, 4 not found, 5 conflict.",
    ...sections(program, []),
  ].join("\n\n");
}

function sections(command: Command, path: readonly string[]): string[] {
  const words = [...path, command.name()];
  const own = `## ${words.join(" ")}\n\n\`\`\`\n${helpOf(command)}\n\`\`\``;
  return [own, ...command.commands.flatMap((child) => sections(child, words))];
}

// The text after the help (examples) is only written by outputHelp, so that is what is caught.
function helpOf(command: Command): string {
  let text = "";
  const usual = command.configureOutput();
  command.configureOutput({
    ...usual,
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => 110,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  command.configureOutput(usual);
  return text.trim();
}
