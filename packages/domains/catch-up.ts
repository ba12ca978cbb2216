import { refreshMarts } from "@jukebase/marts";
import type { Jukebase } from "./open.ts";
import { project } from "./project.ts";

/** What bringing everything up to date did. */
export type CaughtUp = {
  readonly events: number;
  readonly parked: number;
  readonly marts: readonly { readonly name: string; readonly rowsChanged: number | null; readonly duration_ms: number }[];
};

/** Projects the log to its end and refreshes the marts, in this process: what a worker does all the time, done once and waited for. */
export async function catchUp(
  jukebase: Jukebase,
  onStep: (projection: string, events: number) => void = () => {},
): Promise<CaughtUp> {
  const total = { events: 0, parked: 0 };
  for (const projection of jukebase.domains.flatMap((domain) => domain.projections)) {
    for (;;) {
      const done = await project(projection, jukebase, {
        actor: "job:projection",
        onStep: (step) => onStep(projection.name, step.events),
        onBulk: ({ phase }) => onStep(`${projection.name} in bulk: ${phase}`, 0),
      });
      total.events += done.events;
      total.parked += done.parked;
      if (!done.busy) break;
      await new Promise((resolve) => setTimeout(resolve, 100)); // Another process is projecting: it will be through soon.
    }
  }
  const refreshed = await jukebase.martWork.during("marts.refresh", (listener) =>
    refreshMarts(jukebase.database.pg, { listener }),
  );
  return { ...total, marts: refreshed.filter((mart) => !mart.skipped) };
}
