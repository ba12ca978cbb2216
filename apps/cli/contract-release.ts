import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { domains } from "@jukebase/domains";
import { type Consumers, consumersInWords, consumersOf } from "@jukebase/domains/consumers.ts";
import {
  type ContractChange,
  type ContractSnapshot,
  compareContracts,
  readSnapshot,
  snapshotOf,
  snapshotText,
} from "@jukebase/events";
import { Conflict, NotFound } from "@jukebase/platform";
import type { Cli } from "./cli.ts";
import { root } from "./config.ts";

/** Where the contracts stand as they were last released, from the project's folder. */
const releaseFile = "packages/domains/contracts.lock.json";
const releasePath = join(root, releaseFile);

const contracts = domains.flatMap((domain) => domain.events);

type Difference = ContractChange & { readonly consumers: Consumers | undefined };

/** `jukebase contracts diff`: what changed since a release; exit code 5 when it may not be released so. */
export async function diffContracts({ terminal, exit }: Cli, { against }: { against?: string }): Promise<void> {
  const found = differences(await released(against));
  const refused = found.filter(({ refusal }) => refusal !== undefined).length;
  terminal.answer({ against: against ?? releaseFile, changes: found, refused });
  for (const line of found.flatMap(inWords)) terminal.print(line);
  terminal.print(summary(found.length, refused, against));
  if (refused > 0) exit(5);
}

/** `jukebase contracts release`: writes down what the contracts promise from now on. Throws `Conflict` when the last promise is not kept. */
export async function releaseContracts({ terminal }: Cli, { file }: { file?: string }): Promise<void> {
  const [path, name] = [file ?? releasePath, file ?? releaseFile];
  const before = await textOf(path);
  const found = before === undefined ? [] : differences(readSnapshot(before, name));
  const refused = found.filter(({ refusal }) => refusal !== undefined);
  if (refused.length > 0)
    throw new Conflict(
      `The contracts break what was released, or do not say how they changed:\n${refused.flatMap(inWords).join("\n")}`,
    );
  const text = snapshotText(snapshotOf(contracts));
  if (text !== before) await writeFile(path, text);
  const names = contracts.flatMap(({ type, versions, details }) =>
    versions.map((version) => ({ type, schemaver: details(version).schemaver })),
  );
  terminal.answer({ file: name, written: text !== before, changes: found.length, contracts: names });
  terminal.print(
    text === before
      ? `${name} is current: nothing changed since the last release.`
      : `Wrote ${name}: ${found.length} changes since the last release. Commit it.`,
  );
}

function differences(before: readonly ContractSnapshot[]): Difference[] {
  return compareContracts(before, contracts).map((change) => ({
    ...change,
    consumers: change.reach === "model" ? consumersOf(domains, change.type) : undefined,
  }));
}

function inWords({ type, version, path, reach, what, refusal, consumers }: Difference): string[] {
  const where = [type, version === undefined ? "" : `version ${version}`, path ?? ""].filter((part) => part !== "").join(" ");
  return [
    `${refusal === undefined ? " " : "✗"} ${reach.padEnd(8)} ${where}: ${what}`,
    ...(refusal === undefined ? [] : [`             ${refusal}`]),
    ...(consumers === undefined ? [] : [`             Read by: ${consumersInWords(consumers)}.`]),
  ];
}

function summary(changes: number, refused: number, against = releaseFile): string {
  if (changes === 0) return `The contracts are those of ${against}.`;
  return refused === 0
    ? `${changes} changes since ${against}; all may be released: jukebase contracts release`
    : `${changes} changes since ${against}; ${refused} may not be released so.`;
}

async function released(against: string | undefined): Promise<ContractSnapshot[]> {
  const text = against === undefined ? await textOf(releasePath) : ((await textOf(against)) ?? (await textAt(against)));
  if (text !== undefined) return readSnapshot(text, against ?? releaseFile);
  throw new NotFound(
    against === undefined
      ? `There is no ${releaseFile}: write it with \`jukebase contracts release\`.`
      : `"${against}" is neither a file nor a revision of this repository that holds ${releaseFile}.`,
  );
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  });
}

async function textAt(revision: string): Promise<string | undefined> {
  const asked = ["show", "--end-of-options", `${revision}:${releaseFile}`];
  return promisify(execFile)("git", asked, { cwd: root, maxBuffer: 64 * 1024 * 1024 }).then(
    ({ stdout }) => stdout,
    () => undefined, // No git here, no such revision, or no such file in it: the caller says so.
  );
}
