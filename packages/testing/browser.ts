import { existsSync } from "node:fs";
import sparticuz from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

/** A browser for one test file, or the sentence why none runs here. Close it in `afterAll`. */
export type TestBrowser =
  | { readonly browser: Browser; readonly problem?: undefined }
  | { readonly browser?: undefined; readonly problem: string };

/** Launches the Chromium that comes from npm; where its libraries are missing, the system's own. */
export async function browser(): Promise<TestBrowser> {
  const problems: string[] = [];
  for (const find of [fromNpm, fromSystem]) {
    try {
      const executablePath = await find();
      return { browser: await chromium.launch({ executablePath, args, timeout: 20_000 }) };
    } catch (error) {
      problems.push((error as Error).message.split("\n")[0] ?? "no reason given"); // The next one may run; if none does, all reasons are told.
    }
  }
  return { problem: `No browser runs here: ${problems.join("; ")}` };
}

const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];

function fromNpm(): Promise<string> {
  return sparticuz.executablePath();
}

async function fromSystem(): Promise<string> {
  const found = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => existsSync(path));
  if (found === undefined) throw new Error("there is no /usr/bin/chromium");
  return found;
}
