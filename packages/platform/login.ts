import pg from "pg";
import type { Executor } from "./executor.ts";
import { pgExecutor } from "./postgres.ts";

/** One connection of a login's own: what it may do, and when it waits in vain, is between it and the server. */
export type Login = Executor & { readonly end: () => Promise<void> };

/** Logs in as whom the address names. Throws what the server says when it refuses. */
export async function login(url: string, name: string): Promise<Login> {
  const client = new pg.Client({ connectionString: url, application_name: name, connectionTimeoutMillis: 10_000 });
  client.on("error", () => {}); // A connection that the server ends tells by the next query.
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => {}); // It has not begun.
    throw error;
  }
  return { query: pgExecutor(client).query, end: () => client.end() };
}
