import type { TestProject } from "vitest/node";
import { testServer } from "./server.ts";
import { dropTemplate, makeTemplate } from "./template.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where testDatabase() clones from; `problem` says why it cannot. */
    postgres: { url: string; template: string; problem?: string };
  }
}

/**
 * Brings up one Postgres for the whole run with a migrated template in it, and takes both away at the end. When that fails the
 * run goes on: a test that needs no database still tells something, and each that does fails with the reason.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const undo: (() => Promise<void>)[] = [];
  try {
    const server = await testServer(process.env, (line) => process.stderr.write(`${line}\n`));
    undo.unshift(server.stop);
    const template = await makeTemplate(server.url);
    undo.unshift(() => dropTemplate(server.url, template));
    project.provide("postgres", { url: server.url, template });
  } catch (error) {
    project.provide("postgres", { url: "", template: "", problem: (error as Error).message });
  }
  return async () => {
    for (const step of undo) await step();
  };
}
