import { Conflict, withoutPassword } from "@jukebase/platform";
import pg from "pg";

/** The address of another database on the same server: this one's name with an ending. */
export function beside(url: string, ending: string): string {
  const address = new URL(url);
  address.pathname = `/${databaseOf(url)}${ending}`;
  return address.toString();
}

/** The name of the database that an address leads to. */
export function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1)) || "postgres";
}

/** Drops the database if it is there, and makes it empty. Throws `Conflict` when somebody uses it or the role may not. */
export async function recreateDatabase(url: string): Promise<void> {
  await onServer(url, async (client, name) => {
    await client.query(`drop database if exists ${name}`);
    await client.query(`create database ${name}`);
  });
}

/** Drops the database if it is there. */
export async function dropDatabase(url: string): Promise<void> {
  await onServer(url, async (client, name) => {
    await client.query(`drop database if exists ${name}`);
  });
}

async function onServer(url: string, work: (client: pg.Client, name: string) => Promise<void>): Promise<void> {
  const address = new URL(url);
  address.pathname = "/postgres";
  const client = new pg.Client({ connectionString: address.toString(), application_name: "jukebase cli" });
  try {
    await client.connect();
    await work(client, `"${databaseOf(url).replaceAll('"', '""')}"`);
  } catch (error) {
    throw explained(error as Error & { code?: string }, url);
  } finally {
    await client.end();
  }
}

function explained(error: Error & { code?: string }, url: string): Error {
  const name = databaseOf(url);
  if (error.code === "55006")
    return new Conflict(`The database ${name} is in use: end what is connected to it, then try again.`, { cause: error });
  if (error.code === "42501") {
    return new Conflict(
      `The role at ${withoutPassword(url)} may not create or drop databases, which ${name} needs: grant it CREATEDB, or leave DATABASE_URL away to use the embedded Postgres.`,
      { cause: error },
    );
  }
  return new Error(`The database ${name} could not be made anew at ${withoutPassword(url)}: ${error.message}`, { cause: error });
}
