import type { Config } from "@jukebase/platform";
import { startEmbedded, stopEmbedded } from "@jukebase/platform/embedded/index.ts";
import pg from "pg";

/** A Postgres that is up; `release` leaves it as it was found. */
export type BorrowedServer = { readonly url: string; readonly release: () => Promise<void> };

/** The server that DATABASE_URL names, or the embedded one: started if need be, and then stopped again unless others use it by then. */
export async function borrowServer(config: Config, note: (line: string) => void): Promise<BorrowedServer> {
  if (config.databaseUrl !== undefined) return { url: config.databaseUrl, release: async () => {} };
  const folder = embeddedFolder(config);
  const { url, startedByUs } = await startEmbedded({ folder, onNote: note });
  const release = async (): Promise<void> => {
    if (startedByUs && !(await isUsed(url))) await stopEmbedded(folder);
  };
  return { url, release };
}

/** Where the embedded Postgres of an installation lives. */
export function embeddedFolder(config: Config): string {
  return `${config.home}/postgres`;
}

async function isUsed(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ others: number }>(
      "select count(*)::int as others from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
    );
    return (rows[0]?.others ?? 0) > 0;
  } finally {
    await client.end();
  }
}
