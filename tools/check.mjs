import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Every check: its name, what it looks at, the Node program and arguments, and a file without which it is skipped. */
const checks = [
  {
    name: "format",
    what: "format and lint (biome)",
    run: ["node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."],
  },
  { name: "sql", what: "SQL format and lint", run: ["tools/sql.ts"] },
  { name: "types", what: "types (tsc)", run: ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json", "--noEmit"] },
  {
    name: "boundaries",
    what: "boundaries between packages (turbo)",
    run: ["node_modules/turbo/bin/turbo", "boundaries", "--no-color"],
  },
  { name: "dead-code", what: "dead code (knip)", run: ["node_modules/knip/bin/knip.js", "--no-progress", "--no-config-hints"] },
  {
    name: "tidy",
    what: "tidiness and architecture",
    run: ["node_modules/vitest/vitest.mjs", "run", "tools/tidy", "tools/architecture"],
  },
  {
    name: "contracts",
    what: "contracts keep what was released",
    run: ["apps/cli/main.ts", "contracts", "diff"],
    needs: "packages/domains/contracts.lock.json",
  },
  {
    name: "generated",
    what: "generated files are current",
    run: ["apps/cli/main.ts", "docs", "--check"],
    needs: "apps/cli/main.ts",
  },
];

const width = Math.max(...checks.map(({ what }) => what.length));

const help = `Check the repository: all of it, or only what is named.

  node tools/check.mjs [--json] [name …]

${checks.map(({ name, what }) => `  ${name.padEnd(12)}${what}`).join("\n")}

  --json    one JSON document instead of lines
  --help    this text

Repair what can be repaired: npx biome check --write . ; node tools/sql.ts --write
Exit code 1 when a check failed, 2 when a name is unknown.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
});
const unknown = positionals.filter((name) => !checks.some((one) => one.name === name));

if (values.help) console.log(help);
else if (unknown.length > 0) refuse(unknown);
else await runAll(checks.filter(({ name }) => positionals.length === 0 || positionals.includes(name)));

/** @param {string[]} names */
function refuse(names) {
  console.error(`No check is called ${names.join(", ")}. There are: ${checks.map(({ name }) => name).join(", ")}.`);
  process.exitCode = 2;
}

/** @param {typeof checks} wanted */
async function runAll(wanted) {
  const results = [];
  for (const check of wanted) {
    const result = await runOne(check);
    results.push(result);
    if (!values.json) print(check.what, result);
  }
  const failed = results.filter(({ status }) => status === "failed").map(({ name }) => name);
  if (values.json) console.log(JSON.stringify({ ok: failed.length === 0, checks: results }, null, 2));
  else if (failed.length === 0) console.log(color(32, `green: ${results.length} checks`));
  else console.log(color(31, `red: ${failed.join(", ")} failed`));
  if (failed.length > 0) process.exitCode = 1;
}

/** @param {typeof checks[number]} check */
async function runOne({ name, run, needs }) {
  if (needs && !existsSync(root + needs)) return { name, status: "skipped", seconds: 0, output: `there is no ${needs} yet` };
  const started = performance.now();
  const { code, output } = await capture(run);
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  return { name, status: code === 0 ? "ok" : "failed", seconds, output: code === 0 ? "" : output.trim() };
}

/**
 * Runs one program by the Node that runs this file, with nobody at the keyboard.
 * @param {string[]} args
 * @returns {Promise<{ code: number, output: string }>}
 */
function capture(args) {
  const folder = dirname(process.execPath);
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH ?? ""}`, TURBO_TELEMETRY_DISABLED: "1", NO_COLOR: "1" };
  delete env.FORCE_COLOR;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * @param {string} what
 * @param {{ status: string, seconds: number, output: string }} result
 */
function print(what, { status, seconds, output }) {
  const word = status === "failed" ? color(31, "failed") : status === "ok" ? color(32, "ok    ") : "skipped";
  const note = status === "skipped" ? `  ${output}` : "";
  console.log(`${what.padEnd(width)}  ${seconds.toFixed(1).padStart(6)} s  ${word}${note}`);
  if (status === "failed") console.log(`${output.replaceAll(/^/gm, "    ")}\n`);
}

/**
 * @param {number} code
 * @param {string} text
 */
function color(code, text) {
  return process.stdout.isTTY && !process.env.NO_COLOR ? `\u001b[${code}m${text}\u001b[0m` : text;
}
