import { chosenPassword, makePassword } from "@jukebase/marts/bi/password.ts";
import {
  createReader,
  dropReader,
  findReader,
  listReaders,
  type Reader,
  rotateReader,
  rowGroups,
} from "@jukebase/marts/bi/readers.ts";
import { addressFor, connectionUrl, snippetFor, type ToolName, toolNames, tools } from "@jukebase/marts/bi/tools.ts";
import { Conflict, Invalid, pgExecutor } from "@jukebase/platform";
import type { Command } from "commander";
import { actor } from "../actor.ts";
import { type AddCommand, type Cli, examples, wholeNumber, withJukebase } from "../cli.ts";
import { confirmed } from "../confirm.ts";
import { durationMs } from "../duration.ts";
import { oneOf } from "../formats.ts";
import { type PasswordGiven, passwordGiven, withPassword } from "../password-given.ts";
import { listing } from "../terminal.ts";

/** `jukebase bi role`: one login per tool, a member of the readers' group. */
export const addBiRole: AddCommand = (program, cli) => {
  const command = program.command("role").description("The logins of BI tools: each reads the marts and nothing else");
  addCreate(command, cli);
  command
    .command("list")
    .description("Every login: its tool, limits, sessions")
    .addHelpText("after", examples("bi role list", "bi role list --json"))
    .action(() => list(cli));
  withPassword(command.command("rotate <name>"))
    .description("Give a login another password, made up unless you give one; sessions that are open go on")
    .addHelpText("after", examples("bi role rotate metabase"))
    .action((name: string, options: PasswordGiven) => rotate(cli, name, options));
  command
    .command("drop <name>")
    .description("Take a login away and end its sessions; what it has read stays counted")
    .option("--yes", "do not ask")
    .addHelpText("after", examples("bi role drop metabase --yes"))
    .action((name: string, options: { yes?: boolean }) => drop(cli, name, options.yes ?? false));
};

type CreateOptions = PasswordGiven & {
  readonly tool: string;
  readonly sensitive?: boolean;
  readonly group?: readonly string[];
  readonly connections?: number;
  readonly timeout?: number;
};

function addCreate(command: Command, cli: Cli): void {
  withPassword(command.command("create <name>"))
    .description(
      "Make a login for one tool and print how it connects; the password is made up and shown once, unless you give one",
    )
    .requiredOption("--tool <tool>", `one of ${toolNames.join(", ")}`)
    .option("--sensitive", "it sees in clear what tells of natural persons; others see masks")
    .option("--group <role...>", "further groups, by which marts decide whose rows it sees")
    .option("--connections <n>", "sessions at once; by the tool unless said", wholeNumber())
    .option("--timeout <time>", "how long a statement may take, for example 30s, 5m; by the tool unless said", durationMs)
    .addHelpText(
      "after",
      examples(
        "bi role create metabase --tool metabase",
        "bi role create finance_excel --tool excel --connections 2 --timeout 5m --password-file secret.txt --json",
      ),
    )
    .action((name: string, options: CreateOptions) => create(cli, name, options));
}

async function create(cli: Cli, name: string, options: CreateOptions): Promise<void> {
  const tool = tools[oneOf("--tool", options.tool, toolNames) as ToolName];
  const given = await passwordGiven(options);
  await withJukebase(cli, async ({ database, marts, clock }) => {
    const reader: Reader = {
      name,
      tool: tool.name,
      sensitive: options.sensitive ?? false,
      groups: groupsAsked(options.group ?? [], rowGroups(marts)),
      connections: options.connections ?? tool.connections,
      timeout_ms: options.timeout ?? tool.timeout_s * 1000,
    };
    const password = given === undefined ? makePassword() : chosenPassword(given);
    await createReader(database.pg, reader, password, { actor: actor(), at: clock.now() });
    cli.terminal.print(
      `Made the login ${name} for ${tool.title}. It reads the marts${reader.sensitive ? ", persons in clear" : ""}.`,
    );
    sayHow(cli, reader, database.url, given === undefined ? password : undefined);
    cli.terminal.print(`How to go on: ${tool.page}. Try what it must not do: jukebase bi doctor ${name}`);
  });
}

async function list(cli: Cli): Promise<void> {
  await withJukebase(cli, async ({ database }) => {
    const readers = await listReaders(pgExecutor(database.pg));
    cli.terminal.answer({ roles: readers });
    const shown = readers.map(({ groups, timeout_ms, sensitive, ...reader }) => ({
      ...reader,
      persons: sensitive ? "in clear" : "masked",
      groups: groups.join(", "),
      timeout_s: timeout_ms / 1000,
    }));
    cli.terminal.print(
      listing(
        {
          name: "text",
          tool: "text",
          persons: "text",
          groups: "text",
          connections: "integer",
          sessions: "integer",
          timeout_s: "integer",
          created_at: "timestamp",
          rotated_at: "timestamp",
        },
        shown,
        "There is no login for a BI tool yet: jukebase bi role create NAME --tool TOOL",
      ),
    );
  });
}

async function rotate(cli: Cli, name: string, options: PasswordGiven): Promise<void> {
  const given = await passwordGiven(options);
  await withJukebase(cli, async ({ database, clock }) => {
    const reader = await findReader(pgExecutor(database.pg), name);
    const password = given === undefined ? makePassword() : chosenPassword(given);
    await rotateReader(database.pg, name, password, { actor: actor(), at: clock.now() });
    cli.terminal.print(`${name} has another password from now on.`);
    sayHow(cli, reader, database.url, given === undefined ? password : undefined);
  });
}

async function drop(cli: Cli, name: string, yes: boolean): Promise<void> {
  await withJukebase(cli, async ({ database, clock }) => {
    const { sessions } = await findReader(pgExecutor(database.pg), name);
    if (!yes && !(await confirmed(cli.terminal, `Take ${name} away and end its ${sessions} sessions?`)))
      throw new Conflict(`Nothing was done. To take ${name} away: jukebase bi role drop ${name} --yes`);
    await dropReader(database.pg, name, { actor: actor(), at: clock.now() });
    cli.terminal.answer({ name, dropped: true });
    cli.terminal.print(`${name} is gone.`);
  });
}

// A password that somebody chose is known to them: it is not shown again.
function sayHow(cli: Cli, reader: Reader, url: string, made: string | undefined): void {
  const address = addressFor(url, reader.name);
  const { name, tool, sensitive, groups, connections, timeout_ms } = reader;
  const told = { name, tool, sensitive, groups, connections, timeout_ms, ...address, url: connectionUrl(address, made) };
  const snippet = snippetFor(tool, address, made);
  cli.terminal.answer({ ...told, password: made ?? null, snippet });
  cli.terminal.print();
  for (const line of snippet) cli.terminal.print(`  ${line}`);
  cli.terminal.print();
  if (made !== undefined) cli.terminal.print("The password is shown this once.");
}

function groupsAsked(asked: readonly string[], known: readonly string[]): readonly string[] {
  for (const group of asked) {
    if (known.includes(group)) continue;
    const there = known.length === 0 ? "no mart names any" : `marts name ${known.join(", ")}`;
    throw new Invalid(`No mart decides by the group ${group} whose rows are shown (visibleTo): ${there}.`);
  }
  return asked;
}
