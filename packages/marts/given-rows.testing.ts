import { connect, type Database, type Mart, pgExecutor, setReportingZone } from "@jukebase/platform";
import { testDatabase } from "@jukebase/testing";
import { afterAll, beforeAll } from "vitest";
import { givenExpect, type TestRow } from "./index.ts";

/** Given these rows in the relations that the mart reads, expects these rows; gives back all of them as text. */
export type GivenRows = (
  given: Readonly<Record<string, readonly TestRow[]>>,
  expected: readonly TestRow[],
) => ReturnType<typeof givenExpect>;

/**
 * Registers a database for a test file, in which the mart's SELECT answers over given rows; business days are of `zone`. `others` are
 * statements that make what the mart reads of other domains' marts, as far as it reads it.
 */
export function givenRows(
  mart: Mart,
  { zone = "UTC", others = [] }: { zone?: string; others?: readonly string[] } = {},
): GivenRows {
  const undo: (() => Promise<void>)[] = [];
  let database: Database;

  beforeAll(async () => {
    const { url, drop } = await testDatabase();
    undo.unshift(drop);
    database = await connect(url, { max: 2 });
    undo.unshift(database.end);
    for (const relation of others) await database.pg.query(relation);
    await setReportingZone(pgExecutor(database.pg), zone);
  });

  afterAll(async () => {
    for (const step of undo) await step();
  });

  return (given, expected) => givenExpect(database.pg, mart, given, expected);
}

/** A surrogate key to tell rows by; 0 is nobody's. */
export function key(n: number): string {
  return `00000000-0000-0000-0000-${String(n).padStart(12, "0")}`;
}
