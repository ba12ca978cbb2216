import { type Campaign, type CampaignOptions, runCampaign } from "./campaign.ts";
import { type FaultKind, faultKinds, planFullDisk, planRound } from "./plan.ts";
import { mountSmallDisk } from "./small-disk.ts";
import type { Invariant } from "./verify.ts";

/** How much: `kills` for each of worker and API and each round; `time_s` lets campaigns follow one another until then. */
export type FaultsOptions = Pick<CampaignOptions, "route" | "say" | "stopped"> & {
  readonly seed: number;
  readonly rounds: number;
  readonly kills: number;
  readonly lines_per_s: number;
  readonly time_s: number;
  readonly only?: readonly FaultKind[] | undefined;
};

/** What all campaigns together met, and whether everything held in each. */
export type FaultsResult = {
  readonly seed: number;
  readonly seconds: number;
  readonly campaigns: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly connections_broken: number;
  readonly events_sent: number;
  readonly requests_acknowledged: number;
  readonly retries: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly recoveries: number;
  readonly recovered_most_s: number;
  readonly memory_mb: Campaign["memory_mb"];
  readonly skipped: readonly string[];
  readonly invariants: readonly Invariant[];
  readonly holds: boolean;
};

/** Campaign after campaign, each in an installation of its own: the fault plan of the rounds, and once a disk that runs full. */
export async function benchFaults(options: FaultsOptions): Promise<FaultsResult> {
  const began = performance.now();
  const campaigns: Campaign[] = [];
  const skipped: string[] = [];
  const wants = (kind: FaultKind): boolean => options.only === undefined || options.only.includes(kind);
  const onlyDisk = options.only?.every((kind) => kind === "fill-disk") ?? false;
  for (let n = 0; !onlyDisk && (n === 0 || performance.now() - began < options.time_s * 1000) && !options.stopped(); n += 1) {
    const seed = options.seed + n;
    const rounds = Array.from({ length: options.rounds }, (_, round) => planRound(round, { ...options, seed }));
    campaigns.push(await runCampaign({ ...options, seed, rounds }));
  }
  if (wants("fill-disk") && !options.stopped()) {
    const disk = await mountSmallDisk();
    if (typeof disk === "string") skipped.push(`fill-disk: ${disk}`);
    else campaigns.push(await runCampaign({ ...options, disk, rounds: [planFullDisk(options.seed)] }).finally(disk.remove));
  }
  return summary(options.seed, (performance.now() - began) / 1000, campaigns, skipped);
}

function summary(seed: number, seconds: number, campaigns: readonly Campaign[], skipped: readonly string[]): FaultsResult {
  const sum = (read: (campaign: Campaign) => number): number => campaigns.reduce((total, one) => total + read(one), 0);
  const most = (read: (campaign: Campaign) => number): number => Math.max(0, ...campaigns.map(read));
  const statuses = [...new Set(campaigns.flatMap(({ tally }) => [...tally.answers.keys()]))].sort();
  const invariants = together(campaigns.flatMap((campaign) => campaign.invariants));
  return {
    seed,
    seconds: Math.round(seconds),
    campaigns: campaigns.length,
    faults: Object.fromEntries(
      faultKinds.flatMap((kind) => {
        const many = sum(({ struck }) => struck.counts.get(kind) ?? 0);
        return many > 0 ? [[kind, many]] : [];
      }),
    ),
    connections_broken: sum(({ struck }) => struck.connections),
    events_sent: sum(({ tally }) => tally.lines),
    requests_acknowledged: sum(({ tally }) => tally.acknowledged),
    retries: sum(({ tally }) => tally.retries),
    answers: Object.fromEntries(statuses.map((status) => [status, sum(({ tally }) => tally.answers.get(status) ?? 0)])),
    recoveries: sum(({ recoveries }) => recoveries),
    recovered_most_s: most(({ recovered_most_s }) => recovered_most_s),
    memory_mb: {
      api: most(({ memory_mb }) => memory_mb.api),
      worker: most(({ memory_mb }) => memory_mb.worker),
      bench: most(({ memory_mb }) => memory_mb.bench),
    },
    skipped,
    invariants,
    holds: invariants.every(({ holds }) => holds),
  };
}

// The same invariant of several campaigns is one: it holds when it held in each.
function together(all: readonly Invariant[]): Invariant[] {
  return [...Map.groupBy(all, ({ name }) => name)].map(([name, each]) => ({
    name,
    holds: each.every(({ holds }) => holds),
    over: each.reduce((total, { over }) => total + over, 0),
    failing: each.flatMap(({ failing }) => failing).slice(0, 20),
  }));
}
