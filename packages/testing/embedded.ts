import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { embeddedStatus, startEmbedded, stopEmbedded } from "@jukebase/platform/embedded/index.ts";
import { freePort } from "@jukebase/platform/embedded/port.ts";
import { type TestServer, testSettings } from "./settings.ts";

/** The folder's name tells whose it is, so that a later run knows when nobody needs it any more. */
const PREFIX = "jukebase-test-";

/** Starts an embedded Postgres for this process in the machine's temporary folder, and clears away those of runs that were killed. */
export async function startTestCluster(say: (line: string) => void): Promise<TestServer> {
  await clearLeftovers(say);
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const { url } = await startEmbedded({
    folder,
    port: await freePort(),
    settings: { ...testSettings, shared_buffers: "128MB" },
    onNote: say,
  });
  return { url, stop: () => clear(folder) };
}

async function clearLeftovers(say: (line: string) => void): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (Number.isNaN(pid) || lives(pid)) continue;
    await clear(join(tmpdir(), name)).catch((error: Error) =>
      say(`The test database in ${name} of an earlier run could not be removed: ${error.message}`),
    );
  }
}

async function clear(folder: string): Promise<void> {
  await stopEmbedded(folder, "immediate");
  await rm((await embeddedStatus(folder)).folder, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
