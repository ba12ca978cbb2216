import { setTimeout as wait } from "node:timers/promises";
import { refreshMarts } from "@jukebase/marts";
import { runClient, type Tally } from "./client.ts";
import { buildHouse, type House } from "./house.ts";
import { injectLane, type Struck } from "./inject.ts";
import { type Ledger, newLedger } from "./ledger.ts";
import { makeKey } from "./make-key.ts";
import type { PlannedRound } from "./plan.ts";
import { verifyRebuild } from "./rebuild.ts";
import { watchRecovery } from "./recovery.ts";
import type { Disk } from "./small-disk.ts";
import { traffic } from "./traffic.ts";
import { type Invariant, invariant, verifyBooks, verifyLedgers, verifyTables } from "./verify.ts";

/** One installation under faults, from the first event to the last check. */
export type CampaignOptions = {
  readonly seed: number;
  readonly rounds: readonly PlannedRound[];
  readonly lines_per_s: number;
  /** A file system of its own for the database, where one can be had. */
  readonly disk?: Disk | undefined;
  /** Where clients send to, instead of straight to the API: how a test puts somebody between who lies. */
  readonly route?: ((api: string) => string) | undefined;
  readonly say: (line: string) => void;
  readonly stopped: () => boolean;
};

/** What a campaign met and what holds after it. */
export type Campaign = {
  readonly struck: Struck;
  readonly tally: Tally;
  readonly recoveries: number;
  readonly recovered_most_s: number;
  readonly memory_mb: Readonly<Record<"api" | "worker" | "bench", number>>;
  readonly invariants: readonly Invariant[];
};

const sourceNames = ["till", "shop", "field"] as const;
const clientsPerSource = 2;
const probeSource = "probe";
const recovery_s = 60;
const memory_mb = 512;

/** Builds an installation, loads it while the rounds' faults strike, lets it come to rest and holds it against what the clients wrote down. */
export async function runCampaign(options: CampaignOptions): Promise<Campaign> {
  const house = await buildHouse(options.disk);
  try {
    return await underFaults(house, options);
  } finally {
    await house.remove();
  }
}

async function underFaults(house: House, options: CampaignOptions): Promise<Campaign> {
  const keys = await makeKeys(house);
  const ledgers = new Map<string, Ledger>(sourceNames.map((source) => [source, newLedger()]));
  const tally: Tally = { lines: 0, acknowledged: 0, retries: 0, answers: new Map(), odd: [] };
  const struck: Struck = { counts: new Map(), connections: 0 };
  const api = `http://127.0.0.1:${house.wires.clients.port}`;
  const url = (): string => options.route?.(api) ?? api;
  const recovery = watchRecovery({
    url: () => api,
    secret: keys.get(probeSource) as string,
    database: house.url,
    source: probeSource,
  });
  const load = startLoad(options, { keys, ledgers, tally, url });
  const quiet: Invariant[] = [];
  let inVain: readonly string[] = [];
  try {
    for (const [n, round] of options.rounds.entries()) {
      if (options.stopped()) break;
      options.say(`Round ${n + 1} of ${options.rounds.length}: faults`);
      await Promise.all([round.worker, round.rest].map((lane) => injectLane(house, lane, struck, recovery, options.stopped)));
      options.say(`Round ${n + 1} of ${options.rounds.length}: waiting for the worker`);
      await recovery.recovered();
      quiet.push(...(await withOpened(house, verifyBooks)));
    }
  } finally {
    inVain = await load.end();
    await recovery.end();
  }
  options.say("Coming to rest");
  const settled = await comeToRest(house);
  const memory = { api: house.api.memoryMost_mb(), worker: house.worker.memoryMost_mb(), bench: memoryHere_mb() };
  await house.endServices();
  options.say("Checking");
  const checks = await withOpened(house, async (jukebase) => {
    await refreshMarts(jukebase.database.pg);
    return [
      ...(await verifyLedgers(jukebase, ledgers)),
      ...(await verifyTables(jukebase, ledgers)),
      ...(await verifyBooks(jukebase)),
    ];
  });
  const rebuilt = await verifyRebuild(house);
  const crashes = [...house.api.crashes(), ...house.worker.crashes()];
  const heavy = Object.entries(memory).filter(([, most]) => most > memory_mb);
  return {
    struck,
    tally,
    recoveries: recovery.times(),
    recovered_most_s: recovery.most_s(),
    memory_mb: memory,
    invariants: [
      ...checks,
      rebuilt,
      invariant("each request was acknowledged in the end", tally.acknowledged, inVain),
      invariant(
        "the books balanced at every quiet point",
        quiet.length,
        quiet.flatMap(({ failing }) => failing),
      ),
      settled,
      invariant(`a new event was in its mart within ${recovery_s} s after each fault`, recovery.times(), [
        ...(recovery.most_s() > recovery_s ? [`${recovery.most_s()} s`] : []),
      ]),
      invariant("no process ended by itself", house.api.starts() + house.worker.starts(), crashes),
      invariant("refusals were 429, or 503 with Retry-After", tally.retries, [...new Set(tally.odd)]),
      invariant(
        `no process had more than ${memory_mb} MiB`,
        3,
        heavy.map(([name, most]) => `${name}: ${most} MiB`),
      ),
    ],
  };
}

async function makeKeys({ config }: House): Promise<Map<string, string>> {
  const keys = new Map<string, string>();
  for (const source of [...sourceNames, probeSource]) keys.set(source, await makeKey(config, source));
  return keys;
}

/** `end` lets every client have its last request acknowledged, and tells of those that waited in vain. */
type Load = { readonly end: () => Promise<readonly string[]> };

function startLoad(
  options: CampaignOptions,
  parts: {
    readonly keys: ReadonlyMap<string, string>;
    readonly ledgers: ReadonlyMap<string, Ledger>;
    readonly tally: Tally;
    readonly url: () => string;
  },
): Load {
  let stopped = false;
  const clients = sourceNames.flatMap((source) => {
    const items = traffic(options.seed, source);
    return Array.from({ length: clientsPerSource }, (_, n) =>
      runClient(
        {
          seed: options.seed,
          name: `${source}-${n}`,
          url: parts.url,
          secret: parts.keys.get(source) as string,
          lines_per_s: options.lines_per_s / (sourceNames.length * clientsPerSource),
          items,
          ledger: parts.ledgers.get(source) as Ledger,
          tally: parts.tally,
        },
        () => stopped,
      ),
    );
  });
  return {
    end: async () => {
      stopped = true;
      return (await Promise.all(clients)).flatMap((failure) => failure ?? []);
    },
  };
}

/** The worker, and nobody else, has to bring every projection to the end of the log. */
async function comeToRest(house: House): Promise<Invariant> {
  return withOpened(house, async ({ database }) => {
    const end = performance.now() + recovery_s * 1000;
    for (;;) {
      const { rows } = await database.pg.query<{ projection: string; behind: number }>(
        `select projection, (select max(seq) from events.batch) - seq as behind
         from events.checkpoint
         where generation = 1 and seq < (select max(seq) from events.batch)`,
      );
      const late = rows.map(({ projection, behind }) => `${projection}: ${behind} batches behind`);
      if (late.length === 0 || performance.now() > end)
        return invariant(`the worker was through with everything within ${recovery_s} s after the last event`, 1, late);
      await wait(200);
    }
  });
}

async function withOpened<T>(house: House, work: (jukebase: Awaited<ReturnType<House["open"]>>) => Promise<T>): Promise<T> {
  const jukebase = await house.open();
  try {
    return await work(jukebase);
  } finally {
    await jukebase.close();
  }
}

function memoryHere_mb(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
