import { givenExpect, type TestRow } from "@jukebase/marts";
import { connect, type Database, type Mart } from "@jukebase/platform";
import { testDatabase } from "@jukebase/testing";
import { afterAll, beforeAll } from "vitest";

/** Given these rows in the relations that the mart reads, expects these rows; gives back all of them as text. */
export type GivenRows = (
  given: Readonly<Record<string, readonly TestRow[]>>,
  expected: readonly TestRow[],
) => ReturnType<typeof givenExpect>;

// What this domain reads of the marts of others, as far as it reads it.
const readOfOthers = [
  "create table marts.fct_payments (received_on date, currency text, amount numeric, unattributed numeric)",
  "create table marts.fct_device_purchases (purchased_on date, currency text, amount numeric)",
  "create table marts.fct_expected_payments (due_on date, currency text, amount numeric)",
  "create table marts.fct_allocations (allocated_on date, currency text, price numeric)",
  "create table marts.fct_payment_applications (applied_on date, currency text, amount numeric)",
];

/** Registers a database for a test file, in which the mart's SELECT answers over given rows. */
export function givenRows(mart: Mart): GivenRows {
  const undo: (() => Promise<void>)[] = [];
  let database: Database;

  beforeAll(async () => {
    const { url, drop } = await testDatabase();
    undo.unshift(drop);
    database = await connect(url, { max: 2 });
    undo.unshift(database.end);
    for (const relation of readOfOthers) await database.pg.query(relation);
  });

  afterAll(async () => {
    for (const step of undo) await step();
  });

  return (given, expected) => givenExpect(database.pg, mart, given, expected);
}
