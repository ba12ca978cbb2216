import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

type Summary = (results: unknown, code: number) => string;
type Lock = <T>(folder: string, work: () => Promise<T>) => Promise<T>;

// The launcher is plain JavaScript, because it runs on whatever Node there is before anything is installed.
const load = async (file: string): Promise<Record<string, unknown>> => import(new URL(file, import.meta.url).href);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "jukebase-launch-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the last line of npm test", () => {
  const results = (status: string, tests: string[]) => ({
    numPassedTests: 3,
    numFailedTests: tests.filter((one) => one === "failed").length,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [{ status, assertionResults: tests.map((one) => ({ status: one })) }],
  });

  test.each([
    ["all passed", results("passed", ["passed"]), 0, "3 passed, 0 failed"],
    ["a test failed", results("failed", ["failed", "failed"]), 1, "3 passed, 2 failed"],
    ["a file could not be loaded", results("failed", []), 1, "3 passed, 1 failed"],
    ["an error outside every test", results("passed", ["passed"]), 1, "3 passed, 1 failed"],
    ["some were skipped", { ...results("passed", []), numPendingTests: 1, numTodoTests: 1 }, 0, "3 passed, 0 failed, 2 skipped"],
    ["nothing was written", undefined, 1, "0 passed, 1 failed"],
  ])("%s", async (_, written, code, line) => {
    const { summary } = (await load("./test.mjs")) as { summary: Summary };
    expect(summary(written, code)).toBe(line);
  });
});

test("two launches at once do their work one after the other, and a dead one's lock is taken over", async () => {
  const { withLock } = (await load("./lock.mjs")) as { withLock: Lock };
  await mkdir(join(folder, "launch.lock"));
  await writeFile(join(folder, "launch.lock", "owner"), "4194303 1");
  let inside = 0;
  const alone = async () => {
    inside += 1;
    expect(inside).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    inside -= 1;
  };
  await Promise.all([withLock(folder, alone), withLock(folder, alone), withLock(folder, alone)]);
  expect(await readdir(folder)).toEqual([]);
});

test("a project without its command line is told so in a sentence", async () => {
  const { cli } = (await load("./cli.mjs")) as { cli: (...args: unknown[]) => unknown };
  expect(() => cli(folder, process.execPath, [], {})).toThrow(/The command line is missing: there is no .*main\.ts/);
});

test("a launch hands over arguments, folder and exit code, with nothing of its own on stdout", async () => {
  const project = join(folder, "project with a space");
  await mkdir(join(project, "apps", "cli"), { recursive: true });
  await cp(new URL("../../launch.mjs", import.meta.url), join(project, "launch.mjs"));
  await cp(new URL(".", import.meta.url), join(project, "tools", "launch"), { recursive: true });
  await writeFile(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await writeFile(
    join(project, "apps", "cli", "main.ts"),
    "console.log(JSON.stringify([process.argv.slice(2), process.cwd()])); process.exitCode = 3;",
  );
  await installed(project);
  expect(await launch(project, ["run", "report", "a b"])).toEqual({
    code: 3,
    stdout: JSON.stringify([["report", "a b"], folder]),
  });
  expect(await launch(project, ["demo", "--now"])).toEqual({ code: 3, stdout: JSON.stringify([["demo", "--now"], folder]) });
});

/** Makes the project look installed by this very Node, so that the test needs no network. */
async function installed(project: string): Promise<void> {
  const { fingerprint } = (await load("./dependencies.mjs")) as { fingerprint: (root: string) => string };
  const modules = join(project, ".jukebase", "toolchain", "node_modules");
  await mkdir(join(modules, "pnpm", "bin"), { recursive: true });
  await writeFile(join(modules, "pnpm", "bin", "pnpm.mjs"), "");
  await writeFile(join(project, ".jukebase", "toolchain", "installed.txt"), (await manifest()).packageManager);
  await mkdir(join(project, "node_modules"));
  await writeFile(join(project, "node_modules", ".jukebase-stamp"), fingerprint(project));
}

/** Its packageManager must be the pnpm that launch.mjs pins: were it another, the launches of these tests would try to install. */
async function manifest(): Promise<{ packageManager: string }> {
  return JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
}

function launch(project: string, args: readonly string[]): Promise<{ code: number | null; stdout: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(project, "launch.mjs"), ...args], {
      cwd: folder,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let stdout = "";
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
    });
    child.once("close", (code) => resolve({ code, stdout: stdout.trim() }));
  });
}
