import { forgetProjections, settle, tablesOf } from "@jukebase/domains/laws/world.ts";
import type { Jukebase } from "@jukebase/domains/open.ts";
import pg from "pg";
import { databaseOf } from "../databases.ts";
import { type House, withDatabase } from "./house.ts";
import { type Invariant, invariant } from "./verify.ts";

/**
 * Law 3: projects the log anew in a copy of the database and compares every table and mart with what the faults left behind, row by
 * row. Nobody else may be connected: a database in use cannot be copied.
 */
export async function verifyRebuild(house: House): Promise<Invariant> {
  await copyDatabase(house);
  const [live, copy] = [await house.open(), await house.openDatabase(copyName)];
  try {
    await forgetProjections(copy);
    await settle(copy);
    const [before, after] = [await picture(live), await picture(copy)];
    const differing = [...before.keys()].filter((relation) => after.get(relation) !== before.get(relation));
    const failing: string[] = [];
    for (const relation of differing) failing.push(await firstDifference(relation, live, copy));
    return invariant("law 3: tables and marts equal those of a rebuild from the log", before.size, failing);
  } finally {
    await Promise.all([live.close(), copy.close()]);
  }
}

const copyName = "rebuilt";

async function copyDatabase({ url }: House): Promise<void> {
  const client = new pg.Client({ connectionString: withDatabase(url, "postgres") });
  await client.connect();
  try {
    await client.query(`create database ${copyName} template "${databaseOf(url)}"`);
  } finally {
    await client.end();
  }
}

// When a failure was noted is left out: it says when, not what.
const row = "(to_jsonb(relation) - 'parked_at')::text";

/** Each relation's number of rows and a sum over the rows' hashes: equal for equal rows in any order. */
async function picture(jukebase: Jukebase): Promise<Map<string, string>> {
  const relations = [
    ...(await tablesOf(jukebase)),
    ...jukebase.marts.map(({ name }) => `marts.${name}`),
    "events.waiting",
    "events.parked",
  ];
  const sums = new Map<string, string>();
  for (const relation of relations) {
    const { rows } = await jukebase.database.pg.query<{ rows: string; hash: string | null }>(
      `select count(*)::text as rows, sum(hashtextextended(${row}, 0)::numeric)::text as hash from ${relation} as relation`,
    );
    sums.set(relation, `${rows[0]?.rows} rows, hash ${rows[0]?.hash ?? 0}`);
  }
  return sums;
}

async function firstDifference(relation: string, live: Jukebase, copy: Jukebase): Promise<string> {
  const [one, other] = [await rowsOf(relation, live), await rowsOf(relation, copy)];
  const [inOne, inOther] = [new Set(one), new Set(other)];
  const [only, rebuilt] = [one.find((text) => !inOther.has(text)), other.find((text) => !inOne.has(text))];
  return `${relation}: ${one.length} rows, rebuilt ${other.length}; only here ${only}; only there ${rebuilt}`;
}

async function rowsOf(relation: string, { database }: Jukebase): Promise<string[]> {
  const { rows } = await database.pg.query<{ row: string }>(`select ${row} as row from ${relation} as relation`);
  return rows.map(({ row: text }) => text);
}
