import type { Field } from "@jukebase/platform/field.ts";
import type { ReportParams, ReportRow } from "@jukebase/platform/report.ts";
import { csvOf } from "./csv.ts";
import { jsonOf } from "./json.ts";
import { xlsxOf } from "./xlsx.ts";

/** What every format is made of: the same fields and rows that stand on the screen, in the same order. */
export type Exported = {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly rows: readonly ReportRow[];
  readonly params: ReportParams;
  /** Up to where the numbers go, in words. */
  readonly asOf: string;
};

/** The formats by the ending of their URL. */
export const exportFormats = ["csv", "json", "xlsx"] as const;

/** One of the endings. */
export type ExportFormat = (typeof exportFormats)[number];

/** A file ready to be sent: its name, media type and content. `bom` puts a byte order mark before CSV, for Excel. */
export async function exportFile(
  exported: Exported,
  format: ExportFormat,
  { bom = false }: { readonly bom?: boolean } = {},
): Promise<ExportFile> {
  const filename = `${exported.name}.${format}`;
  switch (format) {
    case "csv":
      return { filename, type: "text/csv; charset=utf-8; header=present", body: csvOf(exported, { bom }) };
    case "json":
      return { filename, type: "application/json; charset=utf-8", body: `${JSON.stringify(jsonOf(exported))}\n` };
    case "xlsx":
      return {
        filename,
        type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        body: await xlsxOf(exported),
      };
  }
}

/** What `exportFile` gives. */
export type ExportFile = { readonly filename: string; readonly type: string; readonly body: string | Buffer };
