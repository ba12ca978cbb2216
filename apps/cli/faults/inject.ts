import { setTimeout as wait } from "node:timers/promises";
import { pgExecutor } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import pg from "pg";
import type { House } from "./house.ts";
import type { FaultKind, PlannedFault } from "./plan.ts";
import type { Recovery } from "./recovery.ts";

/** What injecting notes: how often each fault struck, and how many connections the faults of the network met. */
export type Struck = { readonly counts: Map<FaultKind, number>; connections: number };

/** Faults that hold the projections up, whose end is looked for in a mart; of the others clients tell by being answered again. */
const disturbing: readonly FaultKind[] = ["kill-worker", "freeze-worker", "stop-postgres", "fill-disk"];

/** Injects faults one after the other, each at its time, until all are through or `stopped`. */
export async function injectLane(
  house: House,
  lane: readonly PlannedFault[],
  struck: Struck,
  recovery: Recovery,
  stopped: () => boolean,
): Promise<void> {
  for (const fault of lane) {
    if (stopped()) return;
    if (fault.kind === "kill-worker" || fault.kind === "freeze-worker") await house.worker.ready();
    if (fault.kind === "kill-api") await house.api.ready();
    await wait(fault.after_ms);
    if (disturbing.includes(fault.kind)) recovery.disturbed();
    struck.connections += await inject[fault.kind](house, fault);
    if (disturbing.includes(fault.kind)) recovery.disturbed();
    struck.counts.set(fault.kind, (struck.counts.get(fault.kind) ?? 0) + 1);
    await writeDown(house, fault.kind);
  }
}

type Inject = (house: House, fault: PlannedFault) => Promise<number>;

const inject: Readonly<Record<FaultKind, Inject>> = {
  "kill-worker": async ({ worker }) => done(worker.kill()),
  "kill-api": async ({ api }) => done(api.kill()),
  "stop-postgres": async (house, { lasts_ms }) => {
    await house.stopPostgres();
    await wait(lasts_ms);
    return done(await house.startPostgres());
  },
  // Another is started meanwhile: when the first wakes up, what it held may have been taken over.
  "freeze-worker": async (house, { lasts_ms }) => {
    house.worker.freeze();
    const second = house.secondWorker();
    await wait(lasts_ms);
    house.worker.thaw();
    await wait(2_000);
    return done(await second.end());
  },
  reset: async ({ wires }, { wire }) => wires[wire].reset(),
  "half-open": async ({ wires }, { wire, lasts_ms }) => {
    const met = wires[wire].silence(lasts_ms);
    await wait(lasts_ms);
    return met;
  },
  latency: async ({ wires }, { wire, lasts_ms }) => {
    wires[wire].delay(200);
    await wait(lasts_ms);
    return done(wires[wire].delay(0));
  },
  terminate: (house, { wire }) => terminate(house, wire === "api" ? "jukebase api" : "jukebase %"),
  "exhaust-connections": async ({ url }, { lasts_ms }) => exhaust(url, lasts_ms),
  "hold-locks": async ({ url }, { lasts_ms }) => holdLocks(url, lasts_ms),
  // Refilled all the time: the server gives up files of its own to go on.
  "fill-disk": async (house, { lasts_ms }) => {
    for (const end = performance.now() + lasts_ms; performance.now() < end; await wait(100)) await house.disk?.fill();
    await house.disk?.free();
    return done(await house.startPostgres()); // A server without room for its log gives up; somebody starts it again.
  },
};

function done(_: unknown): number {
  return 0;
}

async function terminate({ url }: House, name: string): Promise<number> {
  const gone = await withClient(url, async (client) => {
    const text = `select pg_terminate_backend(pid) from pg_stat_activity where application_name like $1 and pid <> pg_backend_pid()
      and application_name <> 'jukebase bench'`;
    return (await client.query(text, [name])).rowCount ?? 0;
  });
  return gone ?? 0;
}

async function exhaust(url: string, lasts_ms: number): Promise<number> {
  const held: pg.Client[] = [];
  const take = async (): Promise<boolean> => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on("error", () => {}); // It may be ended from the other side.
    const isOpen = await client.connect().then(
      () => true,
      () => false, // No room left, which is what was wanted.
    );
    if (isOpen) held.push(client);
    return isOpen;
  };
  const end = performance.now() + lasts_ms;
  while (performance.now() < end) if (!(await take())) await wait(50);
  await Promise.all(held.map((client) => client.end()));
  return held.length;
}

// Everybody gives up waiting for a lock after a moment, and somebody holds what every intake and every projection needs.
async function holdLocks(url: string, lasts_ms: number): Promise<number> {
  await withClient(url, async (client) => {
    await client.query("alter system set lock_timeout = '500ms'");
    await client.query("select pg_reload_conf()");
    try {
      await client.query("begin");
      await client.query("set local lock_timeout = 0");
      await client.query("lock table events.key, events.checkpoint in access exclusive mode");
      await wait(lasts_ms);
      await client.query("commit");
    } finally {
      await client.query("rollback");
      await client.query("alter system reset lock_timeout");
      await client.query("select pg_reload_conf()");
    }
  });
  return 0;
}

// Each fault is an entry of the audit log as well: its chain has to hold under all of them.
async function writeDown({ url }: House, kind: FaultKind): Promise<void> {
  const at = new Date();
  await withClient(url, (client) => audit(pgExecutor(client), { actor: "cli:bench", action: "fault.inject", object: kind }, at));
}

/** Does something with a connection of its own past the wires; undefined when the server was away just then. */
async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T | undefined> {
  const client = new pg.Client({ connectionString: url, application_name: "jukebase bench", connectionTimeoutMillis: 5_000 });
  client.on("error", () => {}); // Told by the query that it breaks.
  try {
    await client.connect();
    return await work(client);
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => {}); // It was never there, or is gone.
  }
}
