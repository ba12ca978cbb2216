import { readFile } from "node:fs/promises";
import type { Check } from "@jukebase/platform/domain.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import { parseSelect, renameReadings } from "./mart-select.ts";

/** A check whose SELECT found rows (how many, and up to five of them), or did not run (`error`). */
export type CheckFailure = {
  readonly name: string;
  readonly rows: number;
  readonly examples: readonly Readonly<Record<string, unknown>>[];
  readonly error?: string;
};

/**
 * Runs every check's SELECT, which must return no row. Returns those that did, or that failed to run; an empty list is good.
 * `rename` says where a relation is to be found, if not under its name: checks which name no such relation are passed over.
 */
export async function runChecks(
  db: Executor,
  checks: readonly Check[],
  rename?: (schema: string, relation: string) => string | undefined,
): Promise<CheckFailure[]> {
  const failures: CheckFailure[] = [];
  for (const check of checks) {
    const select = (await readFile(check.file, "utf8")).trimEnd().replace(/;$/, "");
    const renamed = rename === undefined ? select : renameReadings(await parseSelect(select, check.name), rename);
    if (rename !== undefined && renamed === select) continue;
    const failure = await runCheck(db, check, renamed);
    if (failure !== undefined) failures.push(failure);
  }
  return failures;
}

async function runCheck(db: Executor, { name }: Check, select: string): Promise<CheckFailure | undefined> {
  try {
    const found = await db.query<{ row: string; rows: string }>(
      `select to_jsonb(violation)::text as row, (count(*) over ())::text as rows from (\n${select}\n) as violation limit 5`,
    );
    if (found.length === 0) return undefined;
    return { name, rows: Number(found[0]?.rows), examples: found.map(({ row }) => JSON.parse(row) as Record<string, unknown>) };
  } catch (failure) {
    return { name, rows: 0, examples: [], error: (failure as Error).message };
  }
}
