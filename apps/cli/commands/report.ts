import { parseReportQuery, parseReportView, sortRows } from "@jukebase/console";
import { domains } from "@jukebase/domains";
import { findReport, reportingZone, runReport } from "@jukebase/domains/run-report.ts";
import type { Report } from "@jukebase/platform";
import type { Command } from "commander";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { addReportFlags, queryOf, type ReportFlags } from "../report-flags.ts";
import { chosenFormat, deliver } from "../report-output.ts";
import { listing } from "../terminal.ts";

/** `jukebase report`: one subcommand for each report, its options derived from the report itself. */
export const reportCommand: AddCommand = (program, cli) => {
  const command = program
    .command("report [name]")
    .description("Answer a report, as a table or a file; without a name, list them")
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText("after", examples("report", "report total-sales --grain all", "report cash-forecast --horizon 6 --json"))
    .action((name: string | undefined) => (name === undefined ? list(cli) : void findReport({ domains }, name)));
  command
    .command("list")
    .description("Every report with the question it answers")
    .addHelpText("after", examples("report list"))
    .action(() => list(cli));
  for (const report of reports()) addReport(command, cli, report);
};

function addReport(parent: Command, cli: Cli, report: Report): void {
  const command = parent.command(report.name).summary(report.title).description(`${report.title}. ${report.description}`);
  addReportFlags(command, report)
    .addHelpText(
      "after",
      examples(`report ${report.name}`, `report ${report.name} --from 2025-01-01 --to 2025-12-31 --format csv --out answer.csv`),
    )
    .action((flags: ReportFlags) => answer(cli, report, flags));
}

async function answer(cli: Cli, report: Report, flags: ReportFlags): Promise<void> {
  const format = chosenFormat(flags, cli.terminal);
  const query = queryOf(report, flags);
  const { sort } = parseReportView(report, query);
  parseReportQuery(report, query); // What is wrong in the question is said before a database is opened.
  await withJukebase(cli, async (jukebase) => {
    const params = parseReportQuery(report, query, await reportingZone(jukebase));
    const { rows, as_of } = await runReport(jukebase, report, params);
    const sorted = sortRows(report.columns, rows, sort);
    await deliver(cli.terminal, { report, params, rows: sorted, as_of }, format, flags.out);
  });
}

function list({ terminal }: Cli): void {
  const rows = reports().map(({ name, title, description }) => ({ name, title, description }));
  terminal.answer({ reports: rows });
  terminal.print(listing({ name: "text", title: "text" }, rows));
}

function reports(): readonly Report[] {
  return domains.flatMap((domain) => domain.reports);
}
