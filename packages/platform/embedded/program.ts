import { spawn } from "node:child_process";
import type { Account } from "./account.ts";

/** How a program ended: its exit code (undefined when it could not be started at all) and what it printed. */
export type Ended = { readonly code: number | undefined; readonly output: string };

/** Runs a program under an account (undefined: our own) from `/`, because that account may be unable to enter our folder. */
export function runAs(account: Account | undefined, program: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: process.platform === "win32" ? undefined : "/",
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
      // The server outlives us: it gets nothing of our environment, where secrets and PG* variables may be.
      ...(process.platform === "win32"
        ? {}
        : { env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" } }),
      ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
    });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    child.once("error", (error) => resolve({ code: undefined, output: error.message }));
    child.once("close", (code) => resolve({ code: code ?? 1, output: output.trim() }));
  });
}
