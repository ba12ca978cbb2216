import { catchUp } from "@jukebase/domains/catch-up.ts";
import { type Jukebase, openJukebase } from "@jukebase/domains/open.ts";
import { declareSource, type LoadSummary, load, openSource, sourceBalances } from "@jukebase/events";
import type { Written } from "@jukebase/mock-data";
import { pgExecutor, withoutPassword } from "@jukebase/platform";
import { type AddCommand, type Cli, examples, untilStopped, wholeNumber } from "../cli.ts";
import { beside, recreateDatabase } from "../databases.ts";
import { showAnswers } from "../demo-answers.ts";
import { againstTruth, type TruthVerdict } from "../demo-truth.ts";
import { doer } from "../doer.ts";
import { loadProgress } from "../load-progress.ts";
import { borrowServer } from "../server.ts";
import { type Services, startServices } from "../services.ts";
import { type WorldOptions, worldFolder, writeWorld } from "../worlds.ts";

type Options = WorldOptions & { readonly exit?: boolean };

const email = "demo@jukebase.example";

/** `jukebase demo`: a made-up company from nothing to its answers, each compared with the known truth. */
export const demoCommand: AddCommand = (program, cli) => {
  program
    .command("demo")
    .description("Make a company, load its events, answer its questions, compare every answer with the truth, open the console")
    .option("--scenario <name>", "which world", "jukebox")
    .option("--scale <scale>", "small, medium or large", "small")
    .option("--seed <n>", "equal seeds give equal worlds", wholeNumber(0), 1)
    .option("--exit", "end after the answers instead of serving the console")
    .addHelpText("after", examples("demo", "demo --exit --json", "demo --scale medium --seed 7"))
    .addHelpText("after", "\nThe demo has a database of its own, made anew each time; yours is not touched.")
    .action((options: Options) => demo(cli, options));
};

async function demo(cli: Cli, options: Options): Promise<void> {
  const { terminal } = cli;
  const config = cli.config();
  const world = await writeWorld(terminal, worldFolder(config, options), options);
  terminal.print(
    `✓ ${world.content.counts.lines} events of ${options.scenario}, ${options.scale}, seed ${options.seed}: ${world.events}`,
  );
  const server = await borrowServer(config, terminal.note);
  try {
    const databaseUrl = beside(server.url, "_demo");
    await recreateDatabase(databaseUrl);
    const logLevel = config.logLevel === "info" ? "warn" : config.logLevel; // A log line for each request would drown what is said.
    // The truth is told in days of UTC.
    const jukebase = await openJukebase(
      { ...config, databaseUrl, logLevel, timeZone: "UTC" },
      { say: terminal.note, name: "jukebase demo" },
    );
    try {
      await run(cli, jukebase, world, options);
    } finally {
      await jukebase.close();
    }
  } finally {
    await server.release();
  }
}

async function run(cli: Cli, jukebase: Jukebase, world: Written, options: Options): Promise<void> {
  const loaded = await fill(cli, jukebase, world);
  await showAnswers(cli.terminal, jukebase);
  const truth = await againstTruth(cli.terminal, jukebase, world.content, loaded);
  const equal = truth.every((verdict) => verdict.equal);
  if (!equal) cli.exit(1);
  cli.terminal.print(
    equal ? `All ${truth.length} answers equal the scenario's truth.` : "Not every answer equals the scenario's truth.",
  );
  if (options.exit || !equal) return conclude(cli, jukebase, loaded, truth);
  const { createAdmin } = await import("@jukebase/admin/accounts.ts");
  const { password = "" } = await createAdmin(jukebase, email, undefined, doer());
  const stopped = untilStopped();
  const services = await startServices(jukebase, { api: jukebase.config.apiPort, admin: jukebase.config.adminPort });
  try {
    await conclude(cli, jukebase, loaded, truth, { services, password });
    await stopped;
    cli.terminal.note("Stopping …");
  } finally {
    await services.close();
  }
}

async function fill({ terminal }: Cli, jukebase: Jukebase, world: Written): Promise<LoadSummary> {
  const source = await declareSource(pgExecutor(jukebase.database.pg), "jukebox");
  const { input, format, size } = await openSource(world.events);
  const onProgress = loadProgress(terminal, "events.ndjson", size);
  const loaded = await load(jukebase, { bytes: input, read: { format } }, { source, name: "events.ndjson", onProgress });
  const done = await catchUp(jukebase, (projection) => terminal.progress(`Projecting ${projection}`));
  for (const balance of await sourceBalances(pgExecutor(jukebase.database.pg))) {
    const { received, logged, duplicates, in_quarantine, discarded, expired } = balance;
    terminal.print(
      `✓ ${received} received = ${logged} logged + ${duplicates} duplicates + ${in_quarantine} in quarantine + ${discarded} discarded + ${expired} expired`,
    );
  }
  terminal.print(`✓ projected to the end of the log, ${done.marts.length} marts refreshed`);
  return loaded;
}

type Served = { readonly services: Services; readonly password: string };

async function conclude(
  cli: Cli,
  jukebase: Jukebase,
  loaded: LoadSummary,
  truth: readonly TruthVerdict[],
  served?: Served,
): Promise<void> {
  const { terminal } = cli;
  const balances = await sourceBalances(pgExecutor(jukebase.database.pg));
  const { received, logged, duplicates, quarantined } = loaded;
  terminal.answer({
    events: { received, logged, duplicates, quarantined },
    balances,
    truth,
    equal: truth.every(({ equal }) => equal),
    database: withoutPassword(jukebase.database.url),
    ...(served ? { console: served.services.admin, api: served.services.api, admin: { email, password: served.password } } : {}),
  });
  terminal.print();
  terminal.print('Ask more: DATABASE_URL="$(./jukebase db url --demo)" ./jukebase report total-sales');
  if (served === undefined) return;
  terminal.print(`Console:  ${served.services.admin}   ${email}   ${served.password}`);
  terminal.print(`API:      ${served.services.api}`);
  terminal.print("Ctrl-C stops everything.");
}
