import { rmSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Jukebase, openJukebase } from "@jukebase/domains/open.ts";
import type { Config } from "@jukebase/platform";
import { embeddedStatus, startEmbedded, stopEmbedded } from "@jukebase/platform/embedded/index.ts";
import { freePort } from "@jukebase/platform/embedded/port.ts";
import { root } from "../config.ts";
import { type Service, type ServiceOptions, startService } from "./service.ts";
import type { Disk } from "./small-disk.ts";
import { poisonAmount } from "./traffic.ts";
import { type NetworkWire, startWire } from "./wire.ts";

/** An installation of the bench's own: Postgres, API and worker as processes, and wires between them that can be made to fail. */
export type House = {
  /** Straight to the database, past the wires. */
  readonly url: string;
  readonly config: Config;
  readonly wires: { readonly clients: NetworkWire; readonly api: NetworkWire; readonly worker: NetworkWire };
  readonly api: Service;
  readonly worker: Service;
  /** Another worker beside the first, as a supervisor starts one when the first answers no more. */
  readonly secondWorker: () => Service;
  readonly disk: Disk | undefined;
  /** Opens the installation in this process, past the wires. */
  readonly open: () => Promise<Jukebase>;
  readonly openDatabase: (name: string) => Promise<Jukebase>;
  readonly stopPostgres: () => Promise<unknown>;
  readonly startPostgres: () => Promise<unknown>;
  /** Ends API and worker. */
  readonly endServices: () => Promise<void>;
  /** Ends everything and leaves nothing behind. */
  readonly remove: () => Promise<void>;
};

// Durable as the product's own (fsync on); with room for few connections, so that they can be used up.
const settings = { max_connections: 80, shared_buffers: "128MB", max_wal_size: "512MB" };
const smallSettings = { max_connections: 80, shared_buffers: "32MB", max_wal_size: "64MB", min_wal_size: "32MB" };

/** Builds one, on a disk of its own if there is one, and waits until API and worker are at work. */
export async function buildHouse(disk: Disk | undefined): Promise<House> {
  const undo: (() => Promise<unknown>)[] = [];
  const remove = async (): Promise<void> => {
    for (const step of undo.splice(0)) await step();
  };
  try {
    return await build(disk, undo, remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

async function build(disk: Disk | undefined, undo: (() => Promise<unknown>)[], remove: () => Promise<void>): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), "jukebase-faults-"));
  undo.unshift(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755); // The account that runs the server has to get in.
  const home = join(folder, "home");
  await mkdir(home);
  const cluster = {
    folder: disk?.folder ?? join(folder, "postgres"),
    port: await freePort(),
    settings: disk ? smallSettings : settings,
  };
  undo.unshift(async () => {
    await stopEmbedded(cluster.folder, "immediate");
    await rm((await embeddedStatus(cluster.folder)).folder, { recursive: true, force: true });
  });
  const server: { pid: number | undefined; folders: string[] } = { pid: undefined, folders: [folder] };
  const leave = (): void => leaveNothing(server.pid, server.folders);
  process.on("exit", leave);
  undo.push(async () => void process.off("exit", leave));
  const { url, port, ...started } = await startEmbedded(cluster);
  server.pid = started.pid;
  server.folders.unshift(started.folder); // It lives elsewhere when its account cannot get into the first.
  const configOf = (at: string): Config => {
    return { home, databaseUrl: at, key: undefined, host: "127.0.0.1", apiPort: 0, adminPort: 0, logLevel: "silent" };
  };
  const open = (at: string, connections: number): Promise<Jukebase> =>
    openJukebase(configOf(at), { name: "jukebase bench", connections });
  await setUp(await open(url, 2));

  const apiPort = await freePort();
  const wires = { clients: await startWire(apiPort), api: await startWire(port), worker: await startWire(port) };
  undo.unshift(() => Promise.all([wires.clients.close(), wires.api.close(), wires.worker.close()]));
  const env = (wire: NetworkWire): Record<string, string> => ({
    DATABASE_URL: throughWire(url, wire),
    JUKEBASE_HOME: home,
    JUKEBASE_API_PORT: String(apiPort),
    NODE_COMPILE_CACHE: join(folder, "compiled"), // Or most of a round would be starting.
  });
  const start = (options: ServiceOptions): Service => {
    const service = startService(options);
    undo.unshift(service.end);
    return service;
  };
  const workerOptions = { main: join(root, "apps/worker/main.ts"), env: env(wires.worker), saysReady: /The worker is at work/ };
  const api = start({ name: "API", main: join(root, "apps/api/main.ts"), env: env(wires.api), saysReady: /The API answers/ });
  const worker = start({ name: "worker", ...workerOptions });
  await Promise.all([api.ready(), worker.ready()]);
  return {
    url,
    config: configOf(url),
    wires,
    api,
    worker,
    secondWorker: () => start({ name: "second worker", ...workerOptions }),
    disk,
    open: () => open(url, 4),
    openDatabase: (name) => open(withDatabase(url, name), 4),
    stopPostgres: () => stopEmbedded(cluster.folder, "immediate"),
    startPostgres: async () => {
      server.pid = (await startEmbedded(cluster)).pid;
    },
    endServices: async () => void (await Promise.all([api.end(), worker.end()])),
    remove,
  };
}

// For a process that is told to end at once; in order, `remove` does the same.
function leaveNothing(server: number | undefined, folders: readonly string[]): void {
  if (server !== undefined) endNow(server);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

const endNow_ms = 5_000;

// Nothing else runs any more while a process exits, so it has to stand still until the server, which may still write, is gone.
function endNow(server: number): void {
  const end = performance.now() + endNow_ms;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let isThere = signalled(server, "SIGQUIT"); isThere; isThere = signalled(server, 0)) {
    if (performance.now() > end) return void signalled(server, "SIGKILL");
    Atomics.wait(pause, 0, 0, 50);
  }
}

function signalled(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    return false; // It is down.
  }
}

// What the contracts take and this one table refuses: a projection can only park it.
async function setUp(jukebase: Jukebase): Promise<void> {
  await jukebase.database.pg.query(
    `alter table sales.payment_receipt add constraint bench_poison check (amount <> ${poisonAmount})`,
  );
  await jukebase.close();
}

function throughWire(url: string, { port }: NetworkWire): string {
  const address = new URL(url);
  address.port = String(port);
  return address.toString();
}

/** The same server's address with another database in it. */
export function withDatabase(url: string, database: string): string {
  const address = new URL(url);
  address.pathname = `/${database}`;
  return address.toString();
}
