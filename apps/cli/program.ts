import { Command } from "commander";
import type { AddCommand, Cli } from "./cli.ts";
import { adminCommand } from "./commands/admin.ts";
import { archiveCommand } from "./commands/archive.ts";
import { auditCommand } from "./commands/audit.ts";
import { benchCommand } from "./commands/bench.ts";
import { biCommand } from "./commands/bi.ts";
import { contractsCommand } from "./commands/contracts.ts";
import { dbCommand } from "./commands/db.ts";
import { demoCommand } from "./commands/demo.ts";
import { docsCommand } from "./commands/docs.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { eventsCommand } from "./commands/events.ts";
import { ingestCommand } from "./commands/ingest.ts";
import { keyCommand } from "./commands/key.ts";
import { martsCommand } from "./commands/marts.ts";
import { privacyCommand } from "./commands/privacy.ts";
import { quarantineCommand } from "./commands/quarantine.ts";
import { rebuildCommand } from "./commands/rebuild.ts";
import { reportCommand } from "./commands/report.ts";
import { scenarioCommand } from "./commands/scenario.ts";
import { serveCommand } from "./commands/serve.ts";
import { waitingCommand } from "./commands/waiting.ts";
import { version } from "./version.ts";

const commands: readonly AddCommand[] = [
  demoCommand,
  serveCommand,
  ingestCommand,
  reportCommand,
  eventsCommand,
  quarantineCommand,
  privacyCommand,
  waitingCommand,
  contractsCommand,
  martsCommand,
  biCommand,
  rebuildCommand,
  dbCommand,
  archiveCommand,
  adminCommand,
  keyCommand,
  auditCommand,
  scenarioCommand,
  doctorCommand,
  benchCommand,
  docsCommand,
];

/** The whole command line. Wrong usage throws a CommanderError; nothing here ends the process. */
export function makeProgram(cli: Cli): Command {
  const program = new Command("jukebase")
    .description("A revenue data platform in one Postgres: events in, exact numbers out.")
    .version(version(), "-V, --version", "print the version")
    .option("--json", "print one line of JSON on standard output and nothing else; errors as JSON on standard error")
    .helpOption("-h, --help", "explain a command")
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeErr: () => {} })
    .exitOverride();
  program.addHelpText(
    "after",
    "\nStart here:\n  $ jukebase demo\n  $ jukebase ingest events.ndjson && jukebase report total-sales\n\nExit codes: 0 ok, 1 failed, 2 bad input, 4 not found, 5 conflict.",
  );
  for (const add of commands) add(program, cli);
  return program;
}
