import { resolve } from "node:path";
import { Conflict } from "../errors.ts";
import { serverAccount } from "./account.ts";
import { filesOf } from "./cluster.ts";
import { withLock } from "./lock.ts";
import { programsFor } from "./native.ts";
import { folderOf, settle } from "./place.ts";
import { postmasterOf } from "./postmaster.ts";
import { runAs } from "./program.ts";
import { embeddedStatus } from "./status.ts";

/**
 * Stops the embedded Postgres of a folder and waits for it; false when none ran. `smart` waits for sessions to leave, `fast` ends
 * them, `immediate` leaves the rest to crash recovery.
 */
export async function stopEmbedded(asked: string, mode: "smart" | "fast" | "immediate" = "fast"): Promise<boolean> {
  if (!(await embeddedStatus(asked)).running) return false;
  return withLock(resolve(asked), async () => {
    const folder = await folderOf(asked);
    if ((await postmasterOf(folder)) === undefined) return false;
    const account = await serverAccount(folder);
    const { pgCtl } = await programsFor(account, (await settle(asked, () => {})).spare, () => {});
    const { code, output } = await runAs(account, pgCtl, [
      "stop",
      "-D",
      filesOf(folder).data,
      "-m",
      mode,
      "-w",
      "-t",
      "120",
      "-s",
    ]);
    if (code !== 0) throw new Conflict(`The database in ${folder} did not stop within two minutes. pg_ctl said: ${output}`);
    return true;
  });
}
