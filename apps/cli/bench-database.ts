import type { Config } from "@jukebase/platform";
import type { Cli } from "./cli.ts";
import { beside, dropDatabase, recreateDatabase } from "./databases.ts";
import { borrowServer } from "./server.ts";

/** Runs a bench in a new and empty database of its own (the installation's name with `_bench` behind it), which is dropped afterwards. */
export async function withBenchDatabase<T>(cli: Cli, work: (config: Config) => Promise<T>): Promise<T> {
  const config = cli.config();
  const server = await borrowServer(config, cli.terminal.note);
  const databaseUrl = beside(server.url, "_bench");
  try {
    await recreateDatabase(databaseUrl);
    return await work({ ...config, databaseUrl });
  } finally {
    await dropDatabase(databaseUrl);
    await server.release();
  }
}
