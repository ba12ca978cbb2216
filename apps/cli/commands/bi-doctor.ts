import type { Jukebase } from "@jukebase/domains/open.ts";
import { type Examination, examineReader, holds } from "@jukebase/marts/bi/examine.ts";
import { findReader, listReaders } from "@jukebase/marts/bi/readers.ts";
import { Invalid, pgExecutor } from "@jukebase/platform";
import { actor } from "../actor.ts";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { type PasswordGiven, passwordGiven, withPassword } from "../password-given.ts";

/** `jukebase bi doctor`: tries, as a reader, what it must not be able to do. */
export const addBiDoctor: AddCommand = (command, cli) => {
  withPassword(command.command("doctor [role]"))
    .description(
      "Log in as a BI role, or each, and try what is forbidden: with its password as itself, else with a login made for this that has its rights; exit code 1 when something is not refused",
    )
    .addHelpText("after", examples("bi doctor", "bi doctor metabase", "bi doctor metabase --password-file secret.txt --json"))
    .action((role: string | undefined, options: PasswordGiven) => doctor(cli, role, options));
};

async function doctor(cli: Cli, role: string | undefined, options: PasswordGiven): Promise<void> {
  const password = await passwordGiven(options);
  if (password !== undefined && role === undefined) throw new Invalid("A password is one role's: name it.");
  await withJukebase(cli, async (jukebase) => {
    const examinations = await examineAll(jukebase, role, password, cli);
    const all = examinations.every(holds);
    cli.terminal.answer({ holds: all, roles: examinations });
    for (const examination of examinations) say(cli, examination);
    if (examinations.length === 0)
      cli.terminal.print("There is no login for a BI tool yet: jukebase bi role create NAME --tool TOOL");
    if (!all) cli.exit(1);
  });
}

async function examineAll(
  { database, marts, clock }: Jukebase,
  role: string | undefined,
  password: string | undefined,
  { terminal }: Cli,
): Promise<Examination[]> {
  const db = pgExecutor(database.pg);
  const readers = role === undefined ? await listReaders(db) : [await findReader(db, role)];
  const done: Examination[] = [];
  for (const reader of readers) {
    terminal.progress(`examining ${reader.name} …`);
    done.push(
      await examineReader(database.pg, reader, { url: database.url, marts, password }, { actor: actor(), at: clock.now() }),
    );
  }
  return done;
}

const marks = { held: "✓", weak: "!", broken: "✗" } as const;

function say({ terminal }: Cli, examination: Examination): void {
  const { reader, login, findings } = examination;
  terminal.print(`${reader} (${login === "itself" ? "logged in itself" : "by a login with its rights"})`);
  for (const { probe, outcome, found, next } of findings) {
    terminal.print(`${marks[outcome]} ${probe}: ${found}`);
    if (next !== undefined) terminal.print(`    ${next}`);
  }
  const weak = findings.filter(({ outcome }) => outcome === "weak").length;
  const broken = findings.filter(({ outcome }) => outcome === "broken").length;
  terminal.print(`${findings.length - weak - broken} held, ${weak} weak, ${broken} broken.`);
}
