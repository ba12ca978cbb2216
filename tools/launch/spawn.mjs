import { spawn } from "node:child_process";
import { constants } from "node:os";

/**
 * Hands the terminal to a program and follows it to its end.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} its exit code; 128 + the signal's number when a signal ended it
 */
export function handOver(program, args, { cwd, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: "inherit" });
    // On a terminal Ctrl-C reaches the whole foreground group, the child included: sent twice it would read as "at once".
    const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
    const forward = {
      SIGINT: () => terminal || child.kill("SIGINT"),
      SIGTERM: () => child.kill("SIGTERM"),
      SIGHUP: () => child.kill("SIGHUP"),
    };
    for (const [signal, listener] of Object.entries(forward)) process.on(signal, listener);
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      for (const [name, listener] of Object.entries(forward)) process.off(name, listener);
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
    });
  });
}

/**
 * Runs a program without showing what it prints.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, shell?: boolean, onLine?: (line: string) => void }} options
 * @returns {Promise<{ code: number, output: string }>} both streams in the order they came
 */
export function runQuietly(program, args, { cwd, env = process.env, shell = false, onLine = () => {} }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, shell, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const take = (chunk) => {
      output += chunk;
      for (const line of String(chunk).split("\n")) if (line.trim() !== "") onLine(line.trim());
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code: code ?? 128 + constants.signals[signal ?? "SIGTERM"], output }));
  });
}
