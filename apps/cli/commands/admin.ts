import { text } from "node:stream/consumers";
import { Invalid } from "@jukebase/platform";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { doer } from "../doer.ts";

/** `jukebase admin`: who may sign in to the console. */
export const adminCommand: AddCommand = (program, cli) => {
  const command = program.command("admin").description("Accounts of the admin console");
  command
    .command("create <email>")
    .description("Make an account; its password is made up and printed once, unless you give one")
    .option("--password-stdin", "read the password from standard input")
    .addHelpText(
      "after",
      examples("admin create you@example.com", "admin create you@example.com --password-stdin < password.txt"),
    )
    .action((email: string, { passwordStdin }: { passwordStdin?: boolean }) => create(cli, email, passwordStdin ?? false));
};

async function create(cli: Cli, email: string, fromStdin: boolean): Promise<void> {
  const given = fromStdin ? await passwordFromStdin() : undefined;
  const { createAdmin } = await import("@jukebase/admin/accounts.ts");
  await withJukebase(cli, async (jukebase) => {
    const made = await createAdmin(jukebase, email, given, doer());
    cli.terminal.answer(made);
    cli.terminal.print(`Made an account for ${made.email}.`);
    if (made.password !== undefined) cli.terminal.print(`Password (shown once): ${made.password}`);
  });
}

async function passwordFromStdin(): Promise<string> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, "");
  if (password === "") throw new Invalid("Standard input holds no password.");
  return password;
}
