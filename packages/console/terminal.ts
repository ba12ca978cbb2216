import type { Field } from "@jukebase/platform/field.ts";
import type { ReportRow } from "@jukebase/platform/report.ts";
import { formatValue, isNumeric } from "./format.ts";

/**
 * Rows as aligned text for a terminal: numbers at the right, wide characters counted as two cells, control characters made visible
 * so that data can't drive the terminal. Ends with a line break.
 */
export function terminalTable({
  fields,
  rows,
  tz = "UTC",
}: {
  readonly fields: readonly Field[];
  readonly rows: readonly ReportRow[];
  readonly tz?: string;
}): string {
  const body = rows.map((row) => fields.map((field) => shown(formatValue(field, row[field.name], row, tz))));
  const head = fields.map(({ name }) => name);
  const widths = fields.map((_, i) => [head, ...body].reduce((most, line) => Math.max(most, displayWidth(line[i] ?? "")), 1));
  const lines = [head, widths.map((width) => "─".repeat(width)), ...body];
  return lines
    .map(
      (line) =>
        `${line
          .map((text, i) => padded(text, widths[i] ?? 0, fields[i]))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** How many cells of a terminal the text takes: 2 for East Asian wide characters and emoji, 0 for combining marks. */
export function displayWidth(text: string): number {
  return Array.from(segmenter.segment(text), ({ segment }) => segmentWidth(segment)).reduce((sum, width) => sum + width, 0);
}

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;

function segmentWidth(segment: string): number {
  if (/^[\p{Mark}\p{Default_Ignorable_Code_Point}]+$/u.test(segment)) return 0;
  return wide.test(segment) ? 2 : 1;
}

function padded(text: string, width: number, field: Field | undefined): string {
  const gap = " ".repeat(Math.max(0, width - displayWidth(text)));
  return field !== undefined && isNumeric(field) ? gap + text : text + gap;
}

function shown(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => (character === "\n" ? "↵" : "\ufffd"));
}
