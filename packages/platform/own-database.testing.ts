import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

/** A migrated database of one's own, as `testDatabase()` gives: the testing package stands on this one, so it cannot be asked. */
export async function ownDatabase(): Promise<{ readonly url: string; readonly drop: () => Promise<void> }> {
  const { url, template, problem } = inject("postgres");
  if (problem !== undefined) throw new Error(`There is no database to test with: ${problem}`);
  const name = `${template}_${randomUUID().slice(0, 8)}`;
  await once(url, `create database ${name} template ${template}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  return { url: own.toString(), drop: () => once(url, `drop database if exists ${name} with (force)`) };
}

async function once(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}
