import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { handOver } from "./spawn.mjs";
import { writableFolder } from "./writable.mjs";

/**
 * Runs the tests of the whole workspace (or of what `args` names, as vitest takes it) and ends with one line of counts.
 * @param {string} root
 * @param {string} node
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export async function test(root, node, args, env) {
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const own = writableFolder(root);
  const folder = mkdtempSync(join(own, "test-results-"));
  const file = join(folder, "results.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  try {
    const code = await handOver(node, [vitest, "run", ...reporters, ...args], {
      cwd: root,
      env: { XDG_DATA_HOME: join(own, "share"), ...env },
    });
    const results = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
    process.stdout.write(`${summary(results, code)}\n`);
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * `N passed, N failed`, and `, N skipped` when there are any. A file that could not be loaded counts as one failure, and so
 * does an error outside every test: a run that fails never says `0 failed`.
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: { status: string, assertionResults: { status: string }[] }[] } | undefined} results
 * @param {number} code
 */
export function summary(results, code) {
  const broken = (results?.testResults ?? []).filter(
    (file) => file.status === "failed" && !file.assertionResults.some((one) => one.status === "failed"),
  ).length;
  const counted = (results?.numFailedTests ?? 0) + broken;
  const failed = code !== 0 && counted === 0 ? 1 : counted;
  const skipped = (results?.numPendingTests ?? 0) + (results?.numTodoTests ?? 0);
  return `${results?.numPassedTests ?? 0} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
