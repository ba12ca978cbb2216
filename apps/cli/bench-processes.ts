import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Config } from "@jukebase/platform";

/** One of Jukebase's processes, started for a bench. */
export type BenchProcess = {
  /** Where it answers, if it does. */
  readonly url: string | undefined;
  /** CPU time so far in milliseconds, of Linux; undefined elsewhere. */
  readonly cpu_ms: () => number | undefined;
  readonly stop: () => Promise<void>;
};

/**
 * Starts the API or a worker as a process of its own over the bench's database, and waits until it says that it is up. With `profile`
 * it writes a CPU profile into that folder when it stops.
 */
export async function benchProcess(app: "api" | "worker", config: Config, profile?: string): Promise<BenchProcess> {
  const main = fileURLToPath(import.meta.resolve(`@jukebase/${app}/main.ts`));
  const env = {
    DATABASE_URL: config.databaseUrl ?? "",
    JUKEBASE_HOME: config.home,
    JUKEBASE_KEY: config.key ?? "",
    JUKEBASE_API_PORT: "0",
    JUKEBASE_LOG: "info",
  };
  const profiled = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  const child = spawn(process.execPath, [...profiled, main], { env, stdio: ["ignore", "ignore", "pipe"] });
  const url = await saysItIsUp(child, app);
  return { url, cpu_ms: () => cpuOf(child), stop: () => stopped(child) };
}

const up = { api: "The API answers.", worker: "The worker is at work." } as const;

function saysItIsUp(child: ChildProcess, app: keyof typeof up): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    const lines = createInterface({ input: child.stderr as NodeJS.ReadableStream });
    lines.on("line", (line) => {
      if (said.length < 20) said.push(line);
      if (line.includes(up[app])) resolve((JSON.parse(line) as { url?: string }).url);
    });
    child.once("exit", (code) => reject(new Error(`The ${app} ended with ${code} before it was up: ${said.join("\n")}`)));
  });
}

// Fields 14 and 15 are user and system time in hundredths of a second.
function cpuOf({ pid }: ChildProcess): number | undefined {
  if (process.platform !== "linux") return undefined;
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) resolve();
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}
