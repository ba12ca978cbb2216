import type { ClusterStatus } from "./cluster.ts";
import { folderOf } from "./place.ts";
import { postmasterOf } from "./postmaster.ts";

/** Says whether the embedded Postgres of a folder runs (or is on its way up or down), and where it really lives. */
export async function embeddedStatus(asked: string): Promise<ClusterStatus> {
  const folder = await folderOf(asked);
  const server = await postmasterOf(folder);
  return server === undefined ? { running: false, folder } : { running: true, folder, ...server };
}
