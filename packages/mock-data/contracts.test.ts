import { musicEvents } from "@jukebase/music/events.ts";
import { salesEvents } from "@jukebase/sales/events.ts";
import { expect, test } from "vitest";
import { generate } from "./generate.ts";

type Event = {
  readonly id: string;
  readonly type: string;
  readonly version?: number;
  readonly time?: string;
  readonly retracts?: string;
  readonly data: unknown;
};

const contracts = new Map([...salesEvents, ...musicEvents].map((contract) => [contract.type, contract]));
const dialect = { timeZone: "UTC", currency: "USD" };
const lines = generate({ scenario: "jukebox", scale: "small", seed: 42, rules: [], conflicts: false }).batches;
const { sound, faulty } = parted([...lines].flat());

test("every line that is not a fault keeps the contract of its type", () => {
  const broken = sound
    .filter((event) => event.retracts === undefined)
    .flatMap((event) => {
      const verdict = judge(event);
      return verdict.ok ? [] : [{ event, issues: verdict.issues }];
    });
  expect(broken).toEqual([]);
});

test("every fault that a contract can see breaks it", () => {
  const accepted = faulty.filter(
    (event) => contracts.has(event.type) && !JSON.stringify(event).includes("2199") && judge(event).ok,
  );
  expect(accepted).toEqual([]);
  expect(faulty.length).toBeGreaterThan(20);
});

function judge(event: Event) {
  const contract = contracts.get(event.type);
  if (contract === undefined) throw new Error(`no contract describes ${event.type}`);
  return contract.normalise(event.data, event.version, event.time, dialect);
}

function parted(all: readonly string[]): { sound: Event[]; faulty: Event[] } {
  const isFault = (line: string): boolean => line.startsWith('{"id":"bad-');
  const parsed = (some: readonly string[]): Event[] =>
    some.filter((line) => line.endsWith("}")).map((line) => JSON.parse(line) as Event);
  return { sound: parsed(all.filter((line) => !isFault(line))), faulty: parsed(all.filter(isFault)) };
}
