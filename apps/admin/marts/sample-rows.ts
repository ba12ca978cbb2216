import type { Jukebase } from "@jukebase/domains/open.ts";
import { maskedColumns, type TypedColumn } from "@jukebase/marts/masks.ts";
import { quoted } from "@jukebase/marts/quote.ts";
import { type Mart, type ReportRow, transaction } from "@jukebase/platform";

/** Some rows of a mart, every value as text; or why there are none. */
export type Sample = { readonly rows: readonly ReportRow[]; readonly problem?: string };

/** The first rows of a mart by its key. What tells of natural persons is never shown: its mask stands in its place, whoever looks. */
export async function sampleRows(
  { database }: Pick<Jukebase, "database">,
  mart: Mart,
  columns: readonly TypedColumn[],
  most = 20,
): Promise<Sample> {
  const texts = columns.map(({ name }) => `${quoted(name)}::text`);
  // A view is computed when it is read: sorted, it would be computed whole.
  const order = mart.kind === "view" ? "" : `order by ${mart.key.map((name) => `kept.${quoted(name)}`).join(", ")}`;
  const rows = `select ${maskedColumns(mart, columns)} from ${quoted(`marts.${mart.name}`)} as kept ${order} limit ${most}`;
  try {
    return await transaction(database.pg, async (db) => {
      await db.query(`set local statement_timeout = ${patience_ms}`);
      return { rows: await db.query<Record<string, string | null>>(`select ${texts.join(", ")} from (${rows}) as sample`) };
    });
  } catch (error) {
    return { rows: [], problem: problemOf(error as Error & { code?: string }) };
  }
}

const patience_ms = 1000;

function problemOf({ code, message }: Error & { code?: string }): string {
  if (code === "57014") return `Its rows take longer than ${patience_ms / 1000} s to compute; ask for them in SQL.`;
  return code === "42P01" ? "It is not built." : message;
}
