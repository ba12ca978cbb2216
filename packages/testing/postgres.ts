import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

/** A database of one's own, with every migration applied. */
export type TestDatabase = { readonly url: string; readonly drop: () => Promise<void> };

/** A database that many tests begin with: made once in a run, by whoever needs it first. */
export type Beginning = { readonly name: string; readonly make: (url: string) => Promise<void> };

/**
 * Clones the migrated template: once per test file, in `beforeAll`, is the measure (about 0.1 s). Drop it in `afterAll`; what is
 * not dropped goes when the run ends. With `beginning`, what that makes of the template is cloned. Throws when the run could get no Postgres,
 * with the reason.
 */
export async function testDatabase(beginning?: Beginning): Promise<TestDatabase> {
  const { url, template, problem } = inject("postgres");
  if (problem !== undefined) throw new Error(`There is no database to test with: ${problem}`);
  const from = beginning === undefined ? template : await madeOnce(url, template, beginning);
  const name = `${template}_${randomUUID().slice(0, 8)}`;
  // Not `strategy file_copy`: it forces a checkpoint, and every other clone waits for that.
  await administer(url, `create database ${name} template ${from}`);
  return { url: withDatabase(url, name), drop: () => dropDatabase(url, name) };
}

// Under another name until it is ready: whoever finds the name finds all of it.
async function madeOnce(url: string, template: string, { name, make }: Beginning): Promise<string> {
  const made = `${template}_${name}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock(hashtextextended($1, 0))", [made]);
    const { rowCount } = await client.query("select from pg_database where datname = $1", [made]);
    if (rowCount === 0) {
      await client.query(`create database ${made}_unready template ${template}`);
      await make(withDatabase(url, `${made}_unready`));
      await client.query(`alter database ${made}_unready rename to ${made}`);
    }
    return made;
  } finally {
    await client.end();
  }
}

// A pool's end() resolves before its connections are gone; one that is cut off at that moment throws where nobody catches it.
async function dropDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (let left = 100; left > 0; left -= 1) {
      const { rows } = await client.query("select from pg_stat_activity where datname = $1 and backend_type = 'client backend'", [
        name,
      ]);
      if (rows.length === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await client.query(`drop database if exists ${name} with (force)`);
  } finally {
    await client.end();
  }
}

/** Runs one statement on the server, outside any transaction. */
export async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** The same server's address with another database in it. */
export function withDatabase(url: string, database: string): string {
  const address = new URL(url);
  address.pathname = `/${database}`;
  return address.toString();
}
