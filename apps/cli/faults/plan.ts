import { type Random, randomStream } from "@jukebase/mock-data/random.ts";

/** Every fault that can be injected, in the order in which results list them. */
export const faultKinds = [
  "kill-worker",
  "kill-api",
  "stop-postgres",
  "freeze-worker",
  "reset",
  "half-open",
  "latency",
  "terminate",
  "exhaust-connections",
  "hold-locks",
  "fill-disk",
] as const;

/** One kind of fault. */
export type FaultKind = (typeof faultKinds)[number];

/** Whose connections a fault of the network meets. */
export type Wire = "clients" | "api" | "worker";

/** One fault to come: so long after the one before it (for kills: after the process is ready), lasting so long where it lasts. */
export type PlannedFault = {
  readonly kind: FaultKind;
  readonly after_ms: number;
  readonly lasts_ms: number;
  readonly wire: Wire;
};

/** Two lanes run beside each other: what meets the worker, and everything else. */
export type PlannedRound = { readonly worker: readonly PlannedFault[]; readonly rest: readonly PlannedFault[] };

/** How much to inject: `kills` is for each of worker and API and for each round. */
export type PlanOptions = { readonly seed: number; readonly kills: number; readonly only?: readonly FaultKind[] | undefined };

/** The faults of a round: equal seeds and numbers give equal rounds. A freeze outlasts a heartbeat, so only every second round has one. */
export function planRound(round: number, { seed, kills, only }: PlanOptions): PlannedRound {
  const random = randomStream(seed, `faults/${round}`);
  const wanted = (kind: FaultKind): boolean => only === undefined || only.includes(kind);
  const counts: Partial<Record<FaultKind, number>> = { ...others, "kill-api": kills };
  const rest = faultKinds.filter(wanted).flatMap((kind) => times(counts[kind] ?? 0, () => planned(kind, random)));
  const worker = [
    ...times(wanted("kill-worker") ? kills : 0, () => planned("kill-worker", random)),
    ...times(wanted("freeze-worker") && round % 2 === 0 ? 1 : 0, () => planned("freeze-worker", random)),
  ];
  return { worker: inAnyOrder(worker, random), rest: inAnyOrder(rest, random) };
}

/** The one fault of the scene with a small disk. */
export function planFullDisk(seed: number): PlannedRound {
  return { worker: [], rest: [planned("fill-disk", randomStream(seed, "faults/disk"))] };
}

const others: Partial<Record<FaultKind, number>> = {
  "stop-postgres": 1,
  reset: 3,
  "half-open": 1,
  latency: 1,
  terminate: 1,
  "exhaust-connections": 1,
  "hold-locks": 1,
};

const lasts: Partial<Record<FaultKind, readonly [number, number]>> = {
  "stop-postgres": [200, 1_000],
  "freeze-worker": [12_000, 14_000],
  "half-open": [4_000, 8_000],
  latency: [1_500, 3_000],
  "exhaust-connections": [1_500, 2_500],
  "hold-locks": [1_500, 2_500],
  "fill-disk": [4_000, 6_000],
};

function planned(kind: FaultKind, random: Random): PlannedFault {
  const [least, most] = lasts[kind] ?? [0, 0];
  const wires: readonly Wire[] = kind === "terminate" ? ["api", "worker"] : ["clients", "api", "worker"];
  return { kind, after_ms: random.int(150, 900), lasts_ms: random.int(least, most), wire: random.pick(wires) };
}

function inAnyOrder<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, place: random.next() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}

function times<Item>(many: number, make: () => Item): Item[] {
  return Array.from({ length: many }, make);
}
