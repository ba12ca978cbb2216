import { runner } from "node-pg-migrate";

const directory = new URL("./migrations", import.meta.url).pathname;

/**
 * Brings a database to the newest shape: every migration not yet applied, in order, each in its own transaction, under a lock.
 * Throws when the server is older than Postgres 18 or a migration fails (nothing of the failed one remains).
 */
export async function migrate(url: string, options: { log?: (line: string) => void } = {}): Promise<readonly string[]> {
  const say = options.log ?? (() => {});
  const applied = await runner({
    databaseUrl: url,
    dir: directory,
    direction: "up",
    migrationsTable: "migration",
    migrationsSchema: "platform_history",
    createMigrationsSchema: true,
    checkOrder: true,
    logger: { debug: () => {}, info: () => {}, warn: say, error: say },
  });
  return applied.map((migration) => migration.name);
}
