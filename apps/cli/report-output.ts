import { writeFile } from "node:fs/promises";
import { type Exported, exportFile, jsonOf, type ReportJson, terminalTable } from "@jukebase/console";
import { type AsOf, asOfWords } from "@jukebase/domains/run-report.ts";
import { Invalid, type Report, type ReportParams, type ReportRow } from "@jukebase/platform";
import { oneOf } from "./formats.ts";
import type { ReportFlags } from "./report-flags.ts";
import type { Terminal } from "./terminal.ts";

/** How an answer leaves: shown, or as one of the files. */
export type ReportFormat = "table" | "csv" | "json" | "xlsx";

/** A report, how it was asked, and its answer. */
export type Answered = {
  readonly report: Report;
  readonly params: ReportParams;
  readonly rows: readonly ReportRow[];
  readonly as_of: AsOf;
};

/** The format asked for by --format, the ending of --out, or --json; a table otherwise. */
export function chosenFormat({ format, out }: ReportFlags, { json }: Terminal): ReportFormat {
  const known = ["table", "csv", "json", "xlsx"] as const;
  const ending = known.find((one) => out?.toLowerCase().endsWith(`.${one}`));
  const chosen = oneOf("--format", format, known) ?? ending ?? (json ? "json" : "table");
  if (json && out === undefined && chosen !== "json")
    throw new Invalid(`--json and --format ${chosen} exclude each other; give --out FILE.`);
  return chosen;
}

/** The answer as a program gets it: money as decimal strings, null as null, the position in numbers. */
function answerJson({ report, params, rows, as_of }: Answered): Omit<ReportJson, "as_of"> & { readonly as_of: AsOf } {
  return { ...jsonOf({ name: report.name, fields: report.columns, rows, params, asOf: "" }), as_of };
}

/** Writes the answer to a file or to standard output. */
export async function deliver(
  terminal: Terminal,
  answered: Answered,
  format: ReportFormat,
  out: string | undefined,
): Promise<void> {
  const content = await contentOf(answered, format);
  if (out !== undefined) {
    await writeFile(out, content);
    terminal.note(`Wrote ${answered.rows.length} rows to ${out}.`);
    terminal.answer({ report: answered.report.name, out, rows: answered.rows.length });
    return;
  }
  if (typeof content !== "string" && process.stdout.isTTY)
    throw new Invalid("A workbook is not for the screen: give --out FILE.xlsx.");
  terminal.write(content);
  if (format === "table")
    terminal.note(`${answered.rows.length === 1 ? "1 row" : `${answered.rows.length} rows`}; as of ${asOfWords(answered.as_of)}`);
}

async function contentOf(answered: Answered, format: ReportFormat): Promise<string | Buffer> {
  const { report, params, rows, as_of } = answered;
  if (format === "json") return `${JSON.stringify(answerJson(answered))}\n`;
  if (format === "table") return terminalTable({ fields: report.columns, rows, tz: params.tz ?? "UTC" });
  const exported: Exported = { name: report.name, fields: report.columns, rows, params, asOf: asOfWords(as_of) };
  return (await exportFile(exported, format)).body;
}
