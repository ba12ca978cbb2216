import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

/** A database of one's own, with every migration applied. */
export type TestDatabase = { readonly url: string; readonly drop: () => Promise<void> };

/**
 * Clones the migrated template: once per test file, in `beforeAll`, is the measure (about 0.1 s). Drop it in `afterAll`; what is
 * not dropped goes when the run ends. Throws when the run could get no Postgres, with the reason.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const { url, template, problem } = inject("postgres");
  if (problem !== undefined) throw new Error(`There is no database to test with: ${problem}`);
  const name = `${template}_${randomUUID().slice(0, 8)}`;
  // Not `strategy file_copy`: it forces a checkpoint, and every other clone waits for that.
  await administer(url, `create database ${name} template ${template}`);
  return { url: withDatabase(url, name), drop: () => dropDatabase(url, name) };
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
