import { readFile } from "node:fs/promises";
import type { Check } from "@jukebase/platform/domain.ts";
import type { Executor } from "@jukebase/platform/executor.ts";

/** A check whose SELECT found rows (how many, and up to five of them), or did not run (`error`). */
export type CheckFailure = {
  readonly name: string;
  readonly rows: number;
  readonly examples: readonly Readonly<Record<string, unknown>>[];
  readonly error?: string;
};

/** Runs every check's SELECT, which must return no row. Returns those that did, or that failed to run; an empty list is good. */
export async function runChecks(db: Executor, checks: readonly Check[]): Promise<CheckFailure[]> {
  const failures: CheckFailure[] = [];
  for (const check of checks) {
    const failure = await runCheck(db, check);
    if (failure !== undefined) failures.push(failure);
  }
  return failures;
}

async function runCheck(db: Executor, { name, file }: Check): Promise<CheckFailure | undefined> {
  const select = (await readFile(file, "utf8")).trimEnd().replace(/;$/, "");
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
