import { randomUUID } from "node:crypto";
import { migrate } from "@jukebase/db";
import pg from "pg";
import { administer, withDatabase } from "./postgres.ts";

/** Makes a database with every migration applied, closed to connections so that it can be cloned at any time; returns its name. */
export async function makeTemplate(url: string): Promise<string> {
  const name = `jukebase_test_${randomUUID().slice(0, 8)}`;
  await administer(url, `create database ${name}`);
  await migrate(withDatabase(url, name));
  await administer(url, `alter database ${name} with is_template true allow_connections false`);
  return name;
}

/** Drops a template and whatever clones of it are left. */
export async function dropTemplate(url: string, template: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`alter database ${template} with is_template false`);
    const { rows } = await client.query<{ name: string }>(
      "select datname as name from pg_database where starts_with(datname, $1)",
      [template],
    );
    for (const { name } of rows) await client.query(`drop database if exists ${name} with (force)`);
  } finally {
    await client.end();
  }
}
