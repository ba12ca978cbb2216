import type { Check } from "@jukebase/platform/domain.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import { parseSelect, renameReadings } from "./mart-select.ts";
import { readCheck } from "./tests/check-tests.ts";
import { thresholdsOf } from "./tests/named-test.ts";

/** A check whose SELECT found rows (how many, and up to five of them), or did not run (`error`). */
export type CheckFailure = {
  readonly name: string;
  /** `warn` when it found fewer rows than make it fail. */
  readonly severity: "warn" | "error";
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
    const select = await readCheck(check);
    const renamed = rename === undefined ? select : renameReadings(await parseSelect(select, check.name), rename);
    if (rename !== undefined && renamed === select) continue;
    const failure = await runCheck(db, check, renamed);
    if (failure !== undefined) failures.push(failure);
  }
  return failures;
}

async function runCheck(db: Executor, check: Check, select: string): Promise<CheckFailure | undefined> {
  const { name } = check;
  try {
    const found = await db.query<{ row: string; rows: string }>(
      `select to_jsonb(violation)::text as row, (count(*) over ())::text as rows from (\n${select}\n) as violation limit 5`,
    );
    const rows = Number(found[0]?.rows ?? 0);
    const { warnFrom, errorFrom } = thresholdsOf(check, "error");
    if (rows < Math.min(warnFrom, errorFrom)) return undefined;
    const examples = found.map(({ row }) => JSON.parse(row) as Record<string, unknown>);
    return { name, severity: rows >= errorFrom ? "error" : "warn", rows, examples };
  } catch (failure) {
    return { name, severity: "error", rows: 0, examples: [], error: (failure as Error).message };
  }
}
