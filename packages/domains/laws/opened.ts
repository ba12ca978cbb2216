import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fixedClock, testDatabase } from "@jukebase/testing";
import { type Jukebase, openJukebase } from "../open.ts";

/** An installation of its own for a test file, with its clock stopped; `close` leaves nothing behind. */
export async function openedForTest(): Promise<{ jukebase: Jukebase; close: () => Promise<void> }> {
  const database = await testDatabase();
  const home = await mkdtemp(`${tmpdir()}/jukebase-laws-`);
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
  const jukebase = await openJukebase(config, { clock: fixedClock("2026-01-01T00:00:00Z"), connections: 3 });
  const close = async (): Promise<void> => {
    await jukebase.close();
    await database.drop();
    await rm(home, { recursive: true });
  };
  return { jukebase, close };
}
