import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import type { Config } from "@jukebase/platform";
import { fixedClock, type TestDatabase } from "@jukebase/testing";
import { builtDatabase } from "./built.testing.ts";
import { type Jukebase, type OpenOptions, openJukebase } from "./open.ts";

/** An installation of a test's own; `close` leaves nothing behind. */
export type OpenedForTest = {
  readonly jukebase: Jukebase;
  readonly database: TestDatabase;
  readonly close: () => Promise<void>;
};

/**
 * Opens an empty installation over a database of its own, with its clock stopped unless another is given; `also` is
 * configured. Its marts stand built already, unless `begin` gives a database on which they do not.
 */
export async function openedForTest(
  options: OpenOptions = {},
  also: Partial<Config> = {},
  begin: () => Promise<TestDatabase> = builtDatabase,
): Promise<OpenedForTest> {
  const database = await begin();
  const home = await mkdtemp(`${tmpdir()}/jukebase-test-`);
  const key = Buffer.alloc(32, 7).toString("base64");
  const config = {
    home,
    databaseUrl: database.url,
    key,
    host: "127.0.0.1",
    apiPort: 0,
    adminPort: 0,
    logLevel: "silent",
    ...also,
  } as const;
  const jukebase = await openJukebase(config, { clock: fixedClock("2026-01-01T00:00:00Z"), connections: 3, ...options });
  const close = async (): Promise<void> => {
    await jukebase.close();
    await database.drop();
    await rm(home, { recursive: true });
  };
  return { jukebase, database, close };
}
