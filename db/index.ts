import { readdir, readFile } from "node:fs/promises";
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

/** The reference data that ships with the project, one CSV file per table of schema `seeds`. */
export async function seedFiles(): Promise<{ name: string; text: string }[]> {
  const folder = new URL("./seeds/", import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".csv")).sort();
  return Promise.all(
    names.map(async (name) => ({ name: name.slice(0, -4), text: await readFile(new URL(name, folder), "utf8") })),
  );
}
