import { migrate } from "@jukebase/db";
import { domains } from "@jukebase/domains";
import { prepareGround } from "@jukebase/domains/ground.ts";
import { databaseUrl } from "@jukebase/domains/open.ts";
import { connect, type Database, type Executor } from "@jukebase/platform";
import type { Cli } from "./cli.ts";

/** The marts of all domains, as their source says they are. */
export const everyMart = domains.flatMap((domain) => domain.marts);

/** What all domains hold to be true of their tables and marts. */
export const everyCheck = domains.flatMap((domain) => domain.checks);

/** Which projection writes which schema. */
export const everySchema = Object.fromEntries(
  domains.flatMap((domain) => domain.projections.map(({ schema, name }) => [schema, name] as const)),
);

/** What a build finds done before it begins: the configured reporting zone and the seeds of the files. */
export function groundOf(cli: Cli): (db: Executor) => Promise<void> {
  return (db) => prepareGround(db, cli.config(), domains, cli.terminal.note);
}

/**
 * Opens the database for one piece of work on marts and closes it again. Unlike opening the installation this builds nothing: the marts
 * stand as they were left.
 */
export async function withMartsDatabase<T>(cli: Cli, name: string, work: (database: Database) => Promise<T>): Promise<T> {
  const { note } = cli.terminal;
  const url = await databaseUrl(cli.config(), note);
  await migrate(url, { log: note });
  const database = await connect(url, { max: 2, name });
  try {
    return await work(database);
  } finally {
    await database.end();
  }
}
