import type { Refresh, Refreshing } from "./refresh.ts";
import { liveSchema } from "./registry.ts";

/** What is done with a mart. */
export type MartWork = "build" | "refresh" | "test";

/** A mart of an environment: `marts` is the schema of those that everybody reads. */
export type ToldMart = { readonly schema: string; readonly name: string };

/** What a test of a mart found, as far as a listener is told; `rows` fail. */
export type ToldTest = {
  readonly name: string;
  readonly test: string;
  readonly column?: string | undefined;
  readonly words: string;
  readonly severity: "warn" | "error";
  readonly status: "pass" | "warn" | "fail" | "error";
  readonly rows: number;
  readonly sql: string;
};

/** How work on a mart ended; `aborted`: something else made it end. `rowsChanged` and `rows` are null where the server does not say. */
export type MartEnd = {
  readonly outcome: "done" | "failed" | "aborted";
  readonly reason: string;
  readonly rowsChanged: number | null;
  readonly rows: number | null;
  readonly duration_ms: number;
  readonly error?: string | undefined;
  readonly tests?: readonly ToldTest[];
};

/** Hears of work on marts. It takes notes and returns: it neither throws nor makes anybody wait. */
export type MartListener = {
  /** Work on a mart began, so many milliseconds ago; what is returned hears, once, how it ended. */
  readonly started: (mart: ToldMart, work: MartWork, ago_ms: number) => (end: MartEnd) => void;
};

/** Refreshes marts and tells a listener of those of which there was something to compute. */
export async function tellingRefreshes(
  { listener, schema = liveSchema }: { readonly listener?: MartListener | undefined; readonly schema?: string },
  refresh: () => Promise<Refresh[]>,
): Promise<Refresh[]> {
  const done = await refresh();
  for (const result of done.filter(({ skipped }) => !skipped))
    listener?.started({ schema, name: result.name }, "refresh", result.duration_ms)(endOf(result, null));
  return done;
}

/** By which a build tells what it does: which marts it begins to fill, and what came of it. */
export type Telling = {
  readonly started: (marts: readonly ToldMart[]) => void;
  readonly ended: (done: readonly Refreshing[]) => void;
};

/** Builds and tells a listener: each mart's end when all of them are in place, or that it was for nothing when the build fails. */
export async function tellingBuild<T>(listener: MartListener | undefined, build: (tell: Telling) => Promise<T>): Promise<T> {
  if (listener === undefined) return build({ started: () => {}, ended: () => {} });
  const finishes = new Map<string, (end: MartEnd) => void>();
  const ends = new Map<string, MartEnd>();
  const tell: Telling = {
    started: (marts) => {
      for (const mart of marts) finishes.set(mart.name, listener.started(mart, "build", 0));
    },
    ended: (done) => {
      for (const { result, rows } of done) ends.set(result.name, endOf(result, rows));
    },
  };
  try {
    const answer = await build(tell);
    for (const [mart, finish] of finishes) finish(ends.get(mart) ?? aborted("It was left before it ended."));
    return answer;
  } catch (failure) {
    for (const [mart, finish] of finishes) {
      const end = ends.get(mart);
      finish(end?.outcome === "failed" ? end : aborted((failure as Error).message));
    }
    throw failure;
  }
}

// Where nothing was computed, as for a view, nothing was written.
function endOf({ reason, rowsChanged, duration_ms, error, skipped }: Refresh, rows: number | null): MartEnd {
  const written = skipped ? { rowsChanged: null, rows: null } : { rowsChanged, rows };
  return { outcome: error === undefined ? "done" : "failed", reason, ...written, duration_ms, error };
}

function aborted(error: string): MartEnd {
  return { outcome: "aborted", reason: "aborted", rowsChanged: null, rows: null, duration_ms: 0, error };
}
