import { databaseUrl } from "@jukebase/domains/open.ts";
import { type Config, Conflict, connect, Invalid, withoutPassword } from "@jukebase/platform";
import { embeddedStatus, stopEmbedded } from "@jukebase/platform/embedded/index.ts";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { beside, databaseOf, recreateDatabase } from "../databases.ts";
import { embeddedFolder } from "../server.ts";

/** `jukebase db`: the database itself, embedded or named by DATABASE_URL. */
export const dbCommand: AddCommand = (program, cli) => {
  const command = program.command("db").description("The database: start, stop, migrate, look, reset");
  command
    .command("up")
    .description("Start the embedded Postgres (or reach the one of DATABASE_URL), migrate and prepare it; it stays up")
    .addHelpText("after", examples("db up"))
    .action(() => up(cli));
  command
    .command("down")
    .description("Stop the embedded Postgres")
    .addHelpText("after", examples("db down"))
    .action(() => down(cli));
  command
    .command("status")
    .description("Whether it runs, where, which version, how large")
    .addHelpText("after", examples("db status --json"))
    .action(() => status(cli));
  command
    .command("migrate")
    .description("Apply the migrations that are missing; load reference data, views and marts that changed")
    .addHelpText("after", examples("db migrate"))
    .action(() => up(cli));
  command
    .command("url")
    .description(
      "The address of the installation's own role, with its password; starts the embedded Postgres if need be. For BI tools: jukebase bi role create",
    )
    .option("--demo", "of the database that `jukebase demo` fills")
    .addHelpText(
      "after",
      examples("db url") +
        '\n  $ psql "$(jukebase db url)"\n  $ DATABASE_URL="$(jukebase db url --demo)" jukebase report total-sales',
    )
    .action(({ demo }: { demo?: boolean }) => url(cli, demo ?? false));
  command
    .command("reset")
    .description("Drop the database with everything in it, and make it anew")
    .option("--yes", "really")
    .addHelpText("after", examples("db reset --yes"))
    .action(({ yes }: { yes?: boolean }) => reset(cli, yes ?? false));
};

async function up(cli: Cli): Promise<void> {
  await withJukebase(cli, async ({ database, marts }) => {
    cli.terminal.answer({ url: withoutPassword(database.url), ready: true, marts: marts.length });
    cli.terminal.print(`Ready: ${withoutPassword(database.url)}`);
  });
}

async function down({ terminal, config }: Cli): Promise<void> {
  if (config().databaseUrl !== undefined)
    throw new Conflict("DATABASE_URL names a server that Jukebase did not start; stop it where it was started.");
  const stopped = await stopEmbedded(embeddedFolder(config()));
  terminal.answer({ stopped });
  terminal.print(stopped ? "Stopped." : "It was not running.");
}

async function status({ terminal, config }: Cli): Promise<void> {
  const found = await stateOf(config());
  terminal.answer(found);
  for (const [name, value] of Object.entries(found)) terminal.print(`${name.padEnd(10)} ${String(value)}`);
}

async function stateOf(config: Config): Promise<Record<string, unknown>> {
  if (config.databaseUrl !== undefined) return { kind: "remote", ...(await look(config.databaseUrl)) };
  const embedded = await embeddedStatus(embeddedFolder(config));
  if (!embedded.running) return { kind: "embedded", ...embedded };
  return { kind: "embedded", ...embedded, ...(await look(await databaseUrl(config))) };
}

async function look(address: string): Promise<Record<string, unknown>> {
  const database = await connect(address, { max: 1, name: "jukebase cli" });
  try {
    const { rows } = await database.pg.query<Record<string, unknown>>(
      `select current_setting('server_version') as postgres, pg_size_pretty(pg_database_size(current_database())) as size,
         to_regclass('platform_history.migration') is not null as migrated`,
    );
    return { running: true, url: withoutPassword(address), ...rows[0] };
  } finally {
    await database.end();
  }
}

async function url({ terminal, config }: Cli, demo: boolean): Promise<void> {
  const own = await databaseUrl(config(), terminal.note);
  const address = demo ? beside(own, "_demo") : own;
  terminal.answer({ url: address });
  terminal.print(address);
}

async function reset(cli: Cli, yes: boolean): Promise<void> {
  const address = await databaseUrl(cli.config(), cli.terminal.note);
  if (!yes) throw new Invalid(`This deletes everything in ${withoutPassword(address)}. To do it: jukebase db reset --yes`);
  await recreateDatabase(address);
  await withJukebase(cli, async () => {
    cli.terminal.answer({ reset: databaseOf(address) });
    cli.terminal.print(`${databaseOf(address)} is new and empty.`);
  });
}
