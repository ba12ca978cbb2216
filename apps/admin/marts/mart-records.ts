import { columnsOf, type MartStatus, martStatus } from "@jukebase/marts";
import type { Domain, Executor, Mart } from "@jukebase/platform";
import { type TestLine, testLines } from "./test-lines.ts";

/** A mart as the catalogue knows it: its source, how it stands, its tests. */
export type MartRecord = {
  readonly mart: Mart;
  /** The title of its domain. */
  readonly domain: string;
  readonly status: MartStatus | undefined;
  readonly state: MartState;
  readonly columns: readonly { readonly name: string; readonly description: string }[];
  readonly tests: readonly TestLine[];
};

/** How a mart stands, in one word. */
export type MartState = "current" | "stale" | "failed" | "not built";

/** All marts of the domains, in the order of these. */
export async function martRecords(db: Executor, domains: readonly Domain[]): Promise<MartRecord[]> {
  const statuses = new Map((await martStatus(db)).map((status) => [status.name, status]));
  const tests = await testLines(
    db,
    domains.flatMap(({ marts }) => marts),
  );
  return domains.flatMap(({ title, marts }) =>
    marts.map((mart) => {
      const status = statuses.get(mart.name);
      const columns = columnsOf(mart);
      return { mart, domain: title, status, state: stateOf(status), columns, tests: tests.get(mart.name) ?? [] };
    }),
  );
}

/** The colour that goes with each state. */
export const stateTones = { current: "good", stale: "warn", failed: "error", "not built": "warn" } as const;

function stateOf(status: MartStatus | undefined): MartState {
  if (status === undefined) return "not built";
  if (status.status === "failed") return "failed";
  return status.stale ? "stale" : "current";
}
