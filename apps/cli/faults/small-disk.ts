import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, open, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** A file system of little room for a cluster: `fill` leaves it without any, `free` gives the room back. */
export type Disk = {
  readonly folder: string;
  readonly fill: () => Promise<void>;
  readonly free: () => Promise<void>;
  readonly remove: () => Promise<void>;
};

const size_mb = 320;
const unmount = "umount";

/** Mounts one in memory; a sentence why not where this user may not mount. */
export async function mountSmallDisk(): Promise<Disk | string> {
  const mounted = await mkdtemp(join(tmpdir(), "jukebase-disk-"));
  try {
    await promisify(execFile)("mount", ["-t", "tmpfs", "-o", `size=${size_mb}m,mode=0755`, "tmpfs", mounted]);
  } catch (error) {
    await rmdir(mounted);
    return `No file system can be mounted here: ${(error as Error).message.trim().split("\n").at(-1)}`;
  }
  const leave = (): void => void spawnSync(unmount, ["-l", mounted]);
  process.on("exit", leave);
  const ballast = join(mounted, "ballast");
  return {
    folder: join(mounted, "postgres"),
    fill: () => fill(ballast),
    free: () => rm(ballast, { force: true }),
    remove: async () => {
      await promisify(execFile)(unmount, ["-l", mounted]);
      await rmdir(mounted);
      process.off("exit", leave);
    },
  };
}

const block = Buffer.alloc(64 * 1024);

async function fill(path: string): Promise<void> {
  const file = await open(path, "a");
  try {
    for (let size = block.length; size >= 512; size = size / 2) await writeUntilFull(file, block.subarray(0, size));
  } finally {
    await file.close();
  }
}

async function writeUntilFull(file: Awaited<ReturnType<typeof open>>, bytes: Buffer): Promise<void> {
  for (;;) {
    const written = await file.write(bytes).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOSPC") throw error;
      return undefined;
    });
    if (written === undefined || written.bytesWritten < bytes.length) return;
  }
}
