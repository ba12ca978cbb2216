import { migrate } from "@jukebase/db";
import { domains } from "@jukebase/domains";
import { databaseUrl, type Jukebase } from "@jukebase/domains/open.ts";
import { buildMarts, martStatus, refreshMarts, runChecks, verifyMart } from "@jukebase/marts";
import { connect, NotFound, pgExecutor } from "@jukebase/platform";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { listing } from "../terminal.ts";

type Selection = { readonly select?: readonly string[] };

const marts = domains.flatMap((domain) => domain.marts);
const schemas = Object.fromEntries(
  domains.flatMap((domain) => domain.projections.map(({ schema, name }) => [schema, name] as const)),
);

/** `jukebase marts`: the documented relations that reports and BI read. */
export const martsCommand: AddCommand = (program, cli) => {
  const command = program.command("marts").description("The marts: how they stand, build, refresh, test");
  const select = ["--select <name...>", "only these"] as const;
  command
    .command("list")
    .description("Every mart: its kind, rows, and whether it is up to date")
    .option(...select)
    .addHelpText("after", examples("marts list", "marts list --select fct_sales"))
    .action(({ select: names }: Selection) => withJukebase(cli, (jukebase) => list(cli, jukebase, named(names))));
  command
    .command("build")
    .description("Build what is new or changed, and all that stands on it, beside the old; swap it in when it is complete")
    .addHelpText("after", examples("marts build"))
    .action(() => build(cli));
  command
    .command("refresh")
    .description("Bring marts up to now, computing only what is marked")
    .option("--select <name...>", "only these and what they stand on")
    .addHelpText("after", examples("marts refresh", "marts refresh --select fct_sales"))
    .action(({ select: names }: Selection) => withJukebase(cli, (jukebase) => refresh(cli, jukebase, named(names))));
  command
    .command("test")
    .description("Run every domain's checks; exit code 1 when one finds a row")
    .option("--exact", "also compare each mart with its definition run from scratch")
    .option("--select <name...>", "with --exact: only these marts")
    .addHelpText("after", examples("marts test", "marts test --exact --select fct_sales"))
    .action((options: Selection & { exact?: boolean }) => withJukebase(cli, (jukebase) => test(cli, jukebase, options)));
};

async function list({ terminal }: Cli, { database }: Jukebase, names: readonly string[]): Promise<void> {
  const found = (await martStatus(pgExecutor(database.pg))).filter(({ name }) => names.includes(name));
  terminal.answer({ marts: found });
  const rows = found.map((mart) => ({
    ...mart,
    state: mart.error ?? (mart.stale ? "stale" : mart.waiting > 0 ? "waiting" : "current"),
  }));
  terminal.print(
    listing({ name: "text", kind: "text", rows: "integer", state: "text", refreshed_at: "timestamp", grain: "text" }, rows),
  );
}

async function build(cli: Cli): Promise<void> {
  const { terminal } = cli;
  const url = await databaseUrl(cli.config(), terminal.note);
  await migrate(url, { log: terminal.note });
  const database = await connect(url, { max: 2, name: "jukebase marts build" });
  try {
    const done = await buildMarts(database.pg, marts, { schemas });
    terminal.answer(done);
    for (const name of done.built) terminal.print(`built ${name}`);
    for (const name of done.removed) terminal.print(`removed ${name}`);
    terminal.print(`${done.built.length} built, ${done.unchanged.length} unchanged, ${done.removed.length} removed.`);
  } finally {
    await database.end();
  }
}

async function refresh(cli: Cli, { database }: Jukebase, names: readonly string[]): Promise<void> {
  const done = await refreshMarts(database.pg, names.length === marts.length ? {} : { only: names });
  const failed = done.filter(({ error }) => error !== undefined);
  cli.terminal.answer({ marts: done });
  cli.terminal.print(listing({ name: "text", reason: "text", rowsChanged: "integer", duration_ms: "integer" }, done));
  for (const { error } of failed) cli.terminal.print(error);
  if (failed.length > 0) cli.exit(1);
}

async function test(cli: Cli, { database }: Jukebase, { exact, select }: Selection & { exact?: boolean }): Promise<void> {
  const checks = domains.flatMap((domain) => domain.checks);
  const failures = await runChecks(pgExecutor(database.pg), checks);
  const verified = [];
  if (exact) for (const name of named(select)) verified.push(await verifyMart(database.pg, name));
  const inexact = verified.filter(({ missing, unexpected }) => missing + unexpected > 0);
  cli.terminal.answer({ checks: checks.length, failures, exact: verified });
  for (const { name } of checks) cli.terminal.print(`${failures.some((failure) => failure.name === name) ? "✗" : "✓"} ${name}`);
  for (const { name, rows, error, examples: found } of failures) {
    cli.terminal.print(`${name}: ${error ?? `${rows} rows, for example ${JSON.stringify(found[0])}`}`);
  }
  for (const { name, missing, unexpected } of verified) {
    cli.terminal.print(
      missing + unexpected === 0
        ? `✓ ${name} is exact`
        : `✗ ${name}: ${missing} rows missing, ${unexpected} unexpected; try: jukebase marts refresh`,
    );
  }
  cli.terminal.print(`${checks.length - failures.length} of ${checks.length} checks hold.`);
  if (failures.length + inexact.length > 0) cli.exit(1);
}

function named(select: readonly string[] | undefined): readonly string[] {
  const known = marts.map(({ name }) => name);
  const names = select ?? known;
  for (const name of names)
    if (!known.includes(name)) throw new NotFound(`There is no mart "${name}". Known: ${known.join(", ")}.`);
  return names;
}
