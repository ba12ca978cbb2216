import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

/** A process that is started again whenever it ends, as a supervisor does. */
export type Service = {
  readonly name: string;
  /** Resolves when the process that is up is at work. Throws when none gets there within a minute, with what it said last. */
  readonly ready: () => Promise<void>;
  /** Ends the process at once (kill -9). */
  readonly kill: () => void;
  /** Stops it where it stands (SIGSTOP) and lets it go on (SIGCONT). */
  readonly freeze: () => void;
  readonly thaw: () => void;
  /** The most memory that any process of it has had, in MiB. */
  readonly memoryMost_mb: () => number;
  /** Ends that nobody asked for, of processes that had been at work, with what they said last. */
  readonly crashes: () => readonly string[];
  readonly starts: () => number;
  /** Ends it for good. */
  readonly end: () => Promise<void>;
};

/** What is run, with what environment, and how a line of its standard error says that it is at work. */
export type ServiceOptions = {
  readonly name: string;
  readonly main: string;
  readonly env: Readonly<Record<string, string>>;
  readonly saysReady: RegExp;
};

type State = {
  child: ChildProcess | undefined;
  isReady: boolean;
  isAsked: boolean;
  ended: boolean;
  starts: number;
  most_kb: number;
  /** The last lines that it said, but for information. */
  last: string[];
  readonly crashes: string[];
};

const living = new Set<ChildProcess>();
// Whatever ends this process, nothing of it is left behind.
process.on("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** Starts a service and keeps it up until `end`. */
export function startService(options: ServiceOptions): Service {
  const state: State = {
    child: undefined,
    isReady: false,
    isAsked: false,
    ended: false,
    starts: 0,
    most_kb: 0,
    last: [],
    crashes: [],
  };
  const sampling = setInterval(() => void sample(state), 500);
  bringUp(state, options);
  const signal = (name: NodeJS.Signals): void => void state.child?.kill(name);
  return {
    name: options.name,
    ready: () => untilReady(state, options.name),
    kill: () => {
      state.isAsked = true;
      state.isReady = false;
      signal("SIGKILL");
    },
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
    memoryMost_mb: () => Math.round(state.most_kb / 1024),
    crashes: () => state.crashes,
    starts: () => state.starts,
    end: async () => {
      state.ended = true;
      clearInterval(sampling);
      await sample(state);
      const { child } = state;
      if (child === undefined) return;
      const gone = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGKILL");
      await gone;
    },
  };
}

const lines_max = 20;

function bringUp(state: State, options: ServiceOptions): void {
  const child = spawn(process.execPath, [options.main], { env: options.env, stdio: ["ignore", "ignore", "pipe"] });
  living.add(child);
  Object.assign(state, { child, isReady: false, isAsked: false, starts: state.starts + 1, last: [] });
  createInterface({ input: child.stderr as NodeJS.ReadableStream }).on("line", (line) => {
    if (!/"level":"info"/.test(line)) state.last = [...state.last, line].slice(-lines_max);
    if (options.saysReady.test(line)) state.isReady = true;
  });
  child.once("close", (code, signal) => {
    living.delete(child);
    state.child = undefined;
    if (state.isReady && !state.isAsked && !state.ended)
      state.crashes.push(`${options.name} ended by itself (${signal ?? code}): ${state.last.join("\n")}`);
    state.isReady = false;
    if (!state.ended) setTimeout(() => state.ended || bringUp(state, options), 100);
  });
}

const ready_ms = 60_000;

async function untilReady(state: State, name: string): Promise<void> {
  const end = performance.now() + ready_ms;
  while (!state.isReady) {
    if (performance.now() > end)
      throw new Error(`The ${name} was not at work within ${ready_ms / 1000} s. It said last: ${state.last.join("\n")}`);
    await wait(20);
  }
}

// The kernel keeps the high-water mark; read often enough, little is missed of a process that is killed.
async function sample(state: State): Promise<void> {
  const pid = state.child?.pid;
  if (pid === undefined) return;
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => ""); // Gone meanwhile, or not Linux.
  state.most_kb = Math.max(state.most_kb, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0));
}
