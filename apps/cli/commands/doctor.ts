import type { Jukebase } from "@jukebase/domains/open.ts";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { examine } from "../examine.ts";
import { version } from "../version.ts";

/** `jukebase doctor`: is everything accounted for, and what to do where it is not. */
export const doctorCommand: AddCommand = (program, cli) => {
  program
    .command("doctor")
    .description("Check that nothing is lost and nothing lags; say what to do; exit code 1 when an equation does not hold")
    .addHelpText("after", examples("doctor", "doctor --json"))
    .action(() => withJukebase(cli, (jukebase) => doctor(cli, jukebase)));
};

async function doctor(cli: Cli, jukebase: Jukebase): Promise<void> {
  const { terminal } = cli;
  const { postgres, sources, projections, marts, tests, waiting, jobs, findings } = await examine(jukebase);
  const versions = { jukebase: version(), node: process.version.slice(1), postgres };
  const database = jukebase.config.databaseUrl === undefined ? "embedded" : "remote";
  const holds = [...sources, ...projections].every(({ lost }) => lost === 0);
  terminal.answer({ holds, versions, database, sources, projections, marts, tests, waiting, jobs, findings });
  terminal.print(`Jukebase ${versions.jukebase}, Node ${versions.node}, Postgres ${postgres} (${database})`);
  for (const s of sources) {
    terminal.print(
      `${mark(s.lost)} source ${s.source}: ${s.received} received = ${s.logged} logged + ${s.duplicates} duplicates + ${s.in_quarantine} in quarantine + ${s.discarded} discarded + ${s.expired} expired`,
    );
  }
  for (const p of projections) {
    terminal.print(
      `${mark(p.lost)} projection ${p.projection}: ${p.events} events = ${p.projected} projected + ${p.changes} changes applied + ${p.withdrawn} withdrawn + ${p.waiting} waiting + ${p.parked} parked + ${p.unread} unread`,
    );
  }
  for (const { what, next } of findings) terminal.print(`! ${what}\n    ${next}`);
  terminal.print(findings.length === 0 ? "Nothing to do." : `${findings.length} findings.`);
  if (!holds) cli.exit(1);
}

function mark(lost: number): string {
  return lost === 0 ? "✓" : "✗";
}
