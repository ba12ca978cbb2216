import { describe, expect, test } from "vitest";
import { makeProgram } from "../apps/cli/program.ts";
import { readText, workspaceFiles } from "../tools/files.ts";

/** The pages that people wrote; those that are made of the commands cannot name others. */
const pages = workspaceFiles().filter((file) => file.endsWith(".md") && !file.startsWith("docs/reference/"));

const program = makeProgram({} as Parameters<typeof makeProgram>[0]);

describe("the documentation", () => {
  test.each(pages.filter((page) => linesOf(readText(page)).length > 0))(
    "%s names only commands and options that there are",
    (page) => {
      expect(linesOf(readText(page)).flatMap(complaintsOf)).toEqual([]);
    },
  );

  test("would not pass with a command or an option that is not", () => {
    const page = [
      "Say `./jukebase events shew x`, or `jukebase nothing`; not `jukebase` alone.",
      "```sh",
      'ID=$(./jukebase events show "--x y" \\',
      "  --sauce z | node --sort)",
      "./jukebase report total-sales --grain month > a && ./jukebase doctor --jsn",
      "```",
      "```json",
      "jukebase is not a command here",
      "```",
    ].join("\n");
    expect(linesOf(page).flatMap(complaintsOf)).toEqual([
      "events show --sauce: there is no such option",
      "doctor --jsn: there is no such option",
      "events shew: there is no such command",
      "nothing: there is no such command",
    ]);
  });
});

/** The words of each call of the command that stands in a page's shell blocks or between backticks. */
function linesOf(page: string): string[][] {
  const blocks = [...page.matchAll(/^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm)];
  const shell = blocks.flatMap(([, language = "", text = ""]) => (["sh", "console", "text"].includes(language) ? [text] : []));
  const inline = [...page.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/`([^`\n]+)`/g)].map(([, text = ""]) => text);
  return [...shell, ...inline].flatMap((text) => callsIn(text.replaceAll("\\\n", " ")));
}

function callsIn(text: string): string[][] {
  const calls = text.matchAll(/(?:^|\$ |\$\(|&& |\| )(?:\.\/)?jukebase ((?:"[^"]*"|'[^']*'|[^\n"'|&;<>()#])+)/gm);
  return [...calls].map(([, words = ""]) => words.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []);
}

/** What is wrong with a call: a command that there is not, an option that this one does not take. */
function complaintsOf(words: readonly string[]): string[] {
  let command: typeof program = program;
  const path: string[] = [];
  const known = new Set(["--help", "-h", "--version", "--json"]);
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) break;
    command = next;
    path.push(word);
  }
  const rest = words.slice(path.length);
  const isOpen = command.registeredArguments.length > 0; // A report may be one that the reader has yet to write.
  for (const { options } of [command, ...(isOpen ? command.commands : [])])
    for (const { long, short } of options) for (const flag of [long, short]) if (flag) known.add(flag);
  if (command.commands.length > 0 && !isOpen && /^[a-z]/.test(rest[0] ?? ""))
    return [`${[...path, rest[0]].join(" ")}: there is no such command`];
  const flags = rest.filter((word) => /^--?[a-z]/i.test(word)).map((word) => word.replace(/=.*/, ""));
  return flags.filter((flag) => !known.has(flag)).map((flag) => `${[...path, flag].join(" ")}: there is no such option`);
}
