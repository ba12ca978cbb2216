import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { type Jukebase, openJukebase } from "@jukebase/domains/open.ts";
import type { Domain } from "@jukebase/platform";
import { type TestDatabase, testDatabase } from "@jukebase/testing";

/** An installation of a test's own. */
export type TestInstallation = {
  readonly jukebase: Jukebase;
  readonly database: TestDatabase;
  readonly close: () => Promise<void>;
};

/** Opens an empty installation over a database of its own; `domains` other than the real ones when given. */
export async function testInstallation(domains?: readonly Domain[]): Promise<TestInstallation> {
  const database = await testDatabase();
  const home = await mkdtemp(`${tmpdir()}/jukebase-worker-`);
  const key = Buffer.alloc(32, 7).toString("base64");
  const config = {
    home,
    databaseUrl: database.url,
    key,
    host: "127.0.0.1",
    apiPort: 0,
    adminPort: 0,
    logLevel: "silent",
  } as const;
  const jukebase = await openJukebase(config, { connections: 6, ...(domains === undefined ? {} : { domains }) });
  return {
    jukebase,
    database,
    close: async () => {
      await jukebase.close();
      await database.drop();
      await rm(home, { recursive: true });
    },
  };
}

/** Asks again every 50 ms until the answer is there; fails after 10 s with what was waited for. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`Waited in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
