import type { Command } from "commander";
import { expect, test } from "vitest";
import type { Cli } from "./cli.ts";
import { called, spawned } from "./commands.testing.ts";
import { makeProgram } from "./program.ts";
import { commandsPage } from "./reference/commands-page.ts";

const silent: Cli = {
  terminal: {
    json: false,
    interactive: false,
    print: () => {},
    answer: () => {},
    write: () => {},
    note: () => {},
    progress: () => {},
  },
  config: () => {
    throw new Error("no configuration is read to explain a command");
  },
  exit: () => {},
};

function leaves(command: Command, path = command.name()): { readonly command: Command; readonly path: string }[] {
  if (command.commands.length === 0) return [{ command, path }];
  return command.commands.flatMap((each) => leaves(each, `${path} ${each.name()}`));
}

test("every command explains itself with a description and an example", () => {
  const program = makeProgram(silent);
  const page = commandsPage(program);
  for (const { command, path } of leaves(program)) {
    expect(command.description(), path).not.toBe("");
    const section = page.split("\n## ").find((part) => part.split("\n")[0] === path);
    expect(section, path).toContain("$ jukebase ");
  }
});

test("the version is that of the project", async () => {
  const { code, stdout } = await spawned(["--version"]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

test("without a word the command lists what it can do", async () => {
  const { code, stdout, stderr } = await spawned([]);
  expect(code).toBe(0);
  expect(stdout).toContain("quarantine");
  expect(stderr).toBe("");
});

test("an unknown command is bad input, and the nearest known one is named", async () => {
  const { code, stdout, stderr } = await called(["reprot"]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain("Did you mean report?");
});

test("a report that does not exist is not found, in JSON on standard error when a program asks", async () => {
  const { code, stdout, stderr } = await spawned(["report", "profits", "--grain", "month", "--json"]);
  expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
  expect(JSON.parse(stderr)).toEqual({ error: { kind: "NotFound", message: expect.stringContaining("total-sales") } });
});

test("a mistyped variable of the environment is refused before anything is done", async () => {
  const { code, stderr } = await called(["doctor", "--json"], { JUKEBASE_PORT: "80" });
  expect(code).toBe(2);
  expect(JSON.parse(stderr).error).toMatchObject({ kind: "Invalid", message: expect.stringContaining("JUKEBASE_API_PORT") });
});

test("a database that does not answer is a failure with the address, without its password", async () => {
  const { code, stderr } = await called(["doctor"], {
    DATABASE_URL: "postgres://me:secret@127.0.0.1:1/none",
    JUKEBASE_HOME: "/nowhere",
  });
  expect(code).toBe(1);
  expect(stderr).toContain("127.0.0.1:1");
  expect(stderr).not.toContain("secret");
});

test.each([
  [["report", "total-sales", "--grain", "hour"], "day"],
  [["report", "total-sales", "--from", "2026-02-30"], "from"],
  [["report", "agent-rewards", "--set", "by=planet"], "by"],
  [["report", "agent-rewards", "--by", "device", "--set", "by=agent"], "twice"],
  [["report", "cash-received", "--where", "colour=red"], "currency"],
  [["ingest"], "missing required argument"],
  [["events", "tail", "--limit", "few"], "whole number"],
  [["quarantine"], "--help"],
])("jukebase %j is bad input, said without a database", async (args, said) => {
  const { code, stderr } = await called(args, { DATABASE_URL: "postgres://127.0.0.1:1/none" });
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(said) });
});
