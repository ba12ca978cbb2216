import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { listing } from "../terminal.ts";

/** `jukebase key`: the API keys with which others send events. */
export const keyCommand: AddCommand = (program, cli) => {
  const command = program.command("key").description("API keys: each belongs to one source");
  command
    .command("create <name>")
    .description("Make a key; its secret is printed once")
    .requiredOption("--source <name>", "the source of all that is sent with it")
    .addHelpText("after", examples("key create shop --source shop", "key create shop --source shop --json"))
    .action((name: string, { source }: { source: string }) => create(cli, name, source));
  command
    .command("list")
    .description("Every key, without its secret")
    .addHelpText("after", examples("key list"))
    .action(() => list(cli));
  command
    .command("revoke <id>")
    .description("Make a key useless from now on")
    .addHelpText("after", examples("key revoke 0198c0de-0000-7000-8000-000000000001"))
    .action((id: string) => revoke(cli, id));
};

async function create(cli: Cli, name: string, source: string): Promise<void> {
  const { createKey } = await import("@jukebase/api/keys.ts");
  await withJukebase(cli, async (jukebase) => {
    const { id, secret } = await createKey(jukebase, { name, source });
    cli.terminal.answer({ id, name, source, secret });
    cli.terminal.print(`Made the key ${name} (${id}) for the source ${source}.`);
    cli.terminal.print(`Secret (shown once): ${secret}`);
    cli.terminal.print('Send it as a header: "Authorization: Bearer …"');
  });
}

async function list(cli: Cli): Promise<void> {
  const { listKeys } = await import("@jukebase/api/keys.ts");
  await withJukebase(cli, async (jukebase) => {
    const keys = await listKeys(jukebase);
    cli.terminal.answer({ keys });
    const columns = Object.keys(keys[0] ?? {}).map((name) => [name, "text"] as const);
    cli.terminal.print(
      listing(Object.fromEntries(columns), keys, "There are no keys yet: jukebase key create NAME --source SOURCE"),
    );
  });
}

async function revoke(cli: Cli, id: string): Promise<void> {
  const { revokeKey } = await import("@jukebase/api/keys.ts");
  await withJukebase(cli, async (jukebase) => {
    await revokeKey(jukebase, id);
    cli.terminal.answer({ id, revoked: true });
    cli.terminal.print(`Revoked ${id}.`);
  });
}
