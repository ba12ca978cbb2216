import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

let database: TestDatabase;
let home: string;

beforeAll(async () => {
  [database, home] = await Promise.all([testDatabase(), mkdtemp(join(tmpdir(), "jukebase-apps-"))]);
});

afterAll(async () => {
  await database?.drop();
  await rm(home, { recursive: true, force: true });
});

test.each([
  ["worker", "The worker is at work."],
  ["api", "The API answers."],
  ["admin", "The console answers."],
])("%s as a process of its own answers its health, and ends in order on SIGTERM", async (app, started) => {
  const { child, said } = startApp(app);
  const ended = once(child, "close");
  const { url } = await said(started);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  child.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});

test("an app that is told to end while it still starts ends in order as well", async () => {
  const empty = await testDatabase();
  const { child, said } = startApp("worker", { DATABASE_URL: empty.url });
  const ended = once(child, "close");
  try {
    await said("Built"); // The first opening makes the marts; the worker itself starts after that.
    child.kill("SIGTERM");
    await said("The worker has stopped.");
    expect(await ended).toEqual([0, null]);
  } finally {
    await empty.drop();
  }
});

type Line = { readonly msg: string; readonly url?: string };

/** `said` waits for the log line that begins so; it fails with everything said when the process ends without it. */
type StartedApp = { readonly child: ChildProcess; readonly said: (beginning: string) => Promise<Line> };

function startApp(app: string, env: Record<string, string> = {}): StartedApp {
  const main = fileURLToPath(new URL(`../${app}/main.ts`, import.meta.url));
  const ports = { JUKEBASE_API_PORT: "0", JUKEBASE_ADMIN_PORT: "0", JUKEBASE_WORKER_PORT: "0" };
  const child = spawn(process.execPath, [main], {
    env: { DATABASE_URL: database.url, JUKEBASE_HOME: home, ...ports, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const lines: Line[] = [];
  const heard = new EventEmitter();
  const reader = createInterface({ input: child.stderr });
  reader.on("line", (line) => {
    lines.push(line.startsWith("{") ? (JSON.parse(line) as Line) : { msg: line });
    heard.emit("news");
  });
  let ended = false;
  reader.on("close", () => {
    ended = true;
    heard.emit("news");
  });
  const said = async (beginning: string): Promise<Line> => {
    for (;;) {
      const line = lines.find(({ msg }) => msg.startsWith(beginning));
      if (line !== undefined) return line;
      if (ended) throw new Error(`It never said "${beginning}":\n${lines.map(({ msg }) => msg).join("\n")}`);
      await once(heard, "news");
    }
  };
  return { child, said };
}
