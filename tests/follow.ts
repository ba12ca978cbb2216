import type { ChildProcess } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../packages/testing/index.ts";
import { readText, root } from "../tools/files.ts";
import { type Block, blocksOf, fileOf } from "./fenced-blocks.ts";
import { type Scratch, scratchFolder } from "./scratch.ts";

const written = "http://127.0.0.1:7410";

/** Runs the shell blocks of each page, in a folder and a database of its own, from top to bottom. */
export function follow(pages: readonly string[]): void {
  describe.each(pages)("%s", (page) => {
    const blocks = blocksOf(root + page);
    let own: TestDatabase;
    let scratch: Scratch;
    let served: { child: ChildProcess; api: string } | undefined;

    beforeAll(async () => {
      own = await testDatabase();
      scratch = await scratchFolder(root, own.url);
      for (const block of blocks) await write(block);
    });

    afterAll(async () => {
      await stop();
      await scratch?.remove();
      await own?.drop();
    });

    test.each(stepsOf(blocks))(
      "does what it says: $title",
      async ({ script, output }) => {
        if (script === "npm test\n") return expect(JSON.parse(readText("package.json")).scripts).toHaveProperty("test");
        if (script === "npm run demo\n")
          return expect(await scratch.run("./jukebase demo --exit")).toMatch(/^All \d+ answers equal/m);
        if (script === "./jukebase serve\n") {
          served = await serve();
          return expect((await fetch(`${served.api}/ready`)).status).toBe(200);
        }
        const printed = await scratch.run(script.replaceAll(written, served?.api ?? written));
        expect(printed.replaceAll("\r\n", "\n")).toContain(output);
      },
      90_000,
    );

    const inTables = commandsInTables(page);
    if (inTables.length > 0)
      test("answers the commands of its tables", async () => {
        for (const command of inTables) expect(await scratch.run(command)).not.toBe("");
      }, 90_000);

    async function write(block: Block): Promise<void> {
      const name = fileOf(block);
      if (name !== undefined) await writeFile(join(scratch.folder, name), block.text);
    }

    async function serve(): Promise<{ child: ChildProcess; api: string }> {
      const child = scratch.start("exec ./jukebase serve --api-port 0 --admin-port 0");
      let said = "";
      const api = await new Promise<string>((resolve, reject) => {
        const listen = (text: string): void => {
          said += text;
          const [, address] = /^API +(http\S+)$/m.exec(said) ?? [];
          if (address !== undefined) resolve(address);
        };
        child.stdout?.setEncoding("utf8").on("data", listen);
        child.stderr?.setEncoding("utf8").on("data", listen);
        child.once("close", (code) => reject(new Error(`serve ended with ${code}:\n${said}`)));
      });
      return { child, api };
    }

    async function stop(): Promise<void> {
      if (served === undefined) return;
      const { child } = served;
      const closed = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      await closed;
    }
  });
}

/** The shell blocks, each with the output that the next block promises ("" for none). */
function stepsOf(blocks: readonly Block[]): { title: string; script: string; output: string }[] {
  return blocks.flatMap(({ language, text }, at) => {
    if (language !== "sh") return [];
    const next = blocks[at + 1];
    return [
      {
        title: (text.split("\n")[0] ?? "").slice(0, 100),
        script: text,
        output: next?.info === "output" ? next.text.trimEnd() : "",
      },
    ];
  });
}

function commandsInTables(page: string): string[] {
  return [...readText(page).matchAll(/^\|.*`(\.\/jukebase report [^`]+)`.*$/gm)].map(([, command = ""]) => command);
}
