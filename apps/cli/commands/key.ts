import { userInfo } from "node:os";
import type { KeyGrant } from "@jukebase/api/keys.ts";
import { Invalid } from "@jukebase/platform";
import type { Command } from "commander";
import { type AddCommand, type Cli, examples, wholeNumber, withJukebase } from "../cli.ts";
import { durationMs } from "../duration.ts";
import { listing } from "../terminal.ts";

/** `jukebase key`: the API keys with which others send events. */
export const keyCommand: AddCommand = (program, cli) => {
  const command = program.command("key").description("API keys: each speaks for its sources, within its limits");
  addCreate(command, cli);
  command
    .command("list")
    .description("Every key, without its secret")
    .addHelpText("after", examples("key list"))
    .action(() => list(cli));
  command
    .command("rotate <name>")
    .description("Make another key with the same rights; the old one stays valid for a while")
    .option("--overlap <time>", "how long the old one is still valid, for example 30m, 24h, 7d", durationMs, durationMs("24h"))
    .addHelpText("after", examples("key rotate shop", "key rotate shop --overlap 7d --json"))
    .action((name: string, { overlap }: { overlap: number }) => rotate(cli, name, overlap));
  command
    .command("revoke <id>")
    .description("Make a key useless from now on")
    .addHelpText("after", examples("key revoke 0198c0de-0000-7000-8000-000000000001"))
    .action((id: string) => revoke(cli, id));
};

type CreateOptions = {
  readonly source: string[];
  readonly type?: string[];
  readonly reports: boolean;
  readonly expires?: Date;
  readonly requestsPerMinute?: number;
  readonly eventsPerMinute?: number;
  readonly bytesPerMinute?: number;
  readonly bodyBytes?: number;
};

function addCreate(command: Command, cli: Cli): void {
  command
    .command("create <name>")
    .description("Make a key; its secret is printed once")
    .requiredOption(
      "--source <name>",
      "the source of what is sent with it; several times for several, the first where none is said",
      several,
    )
    .option(
      "--type <type>",
      "an event type that it may send, or the beginning of some (Payment.*); several times for several",
      several,
    )
    .option("--no-reports", "it may send events, and not read reports")
    .option("--expires <when>", "when it ends: an instant (2027-01-01T00:00:00Z) or a time from now (90d)", instant)
    .option("--requests-per-minute <n>", "its own limit instead of the usual one", wholeNumber())
    .option("--events-per-minute <n>", "likewise", wholeNumber())
    .option("--bytes-per-minute <n>", "likewise", wholeNumber())
    .option("--body-bytes <n>", "the largest body that it may send", wholeNumber())
    .addHelpText(
      "after",
      examples(
        "key create shop --source shop",
        "key create tills --source till-1 --source till-2 --type 'Payment.*' --no-reports --expires 90d --json",
      ),
    )
    .action((name: string, options: CreateOptions) => create(cli, name, options));
}

async function create(cli: Cli, name: string, options: CreateOptions): Promise<void> {
  const { createKey } = await import("@jukebase/api/keys.ts");
  await withJukebase(cli, async (jukebase) => {
    const grant = grantOf(name, options);
    const { id, secret } = await createKey(jukebase, grant, actor());
    const { source, more_sources, types = null, reads_reports, expires_at } = grant;
    const sources = [source, ...(more_sources ?? [])];
    cli.terminal.answer({ id, name, source, sources, types, reads_reports, expires_at: expires_at ?? null, secret });
    cli.terminal.print(`Made the key ${name} (${id}) for the source ${sources.join(", ")}.`);
    sayHow(cli, secret);
  });
}

function grantOf(name: string, options: CreateOptions): KeyGrant {
  const [source = "", ...more_sources] = options.source;
  return {
    name,
    source,
    more_sources,
    types: options.type,
    reads_reports: options.reports,
    expires_at: options.expires,
    limits: {
      requests_per_minute: options.requestsPerMinute,
      events_per_minute: options.eventsPerMinute,
      bytes_per_minute: options.bytesPerMinute,
      body_bytes: options.bodyBytes,
    },
  };
}

async function list(cli: Cli): Promise<void> {
  const { listKeys } = await import("@jukebase/api/keys.ts");
  await withJukebase(cli, async (jukebase) => {
    const keys = await listKeys(jukebase);
    cli.terminal.answer({ keys });
    const shown = keys.map((key) => ({
      id: key.id,
      name: key.name,
      sources: key.sources.join(", "),
      types: key.types?.join(", ") ?? "every",
      reports: key.reads_reports ? "yes" : "no",
      created_at: key.created_at,
      last_used_at: key.last_used_at,
      expires_at: key.expires_at,
      revoked_at: key.revoked_at,
    }));
    const columns = Object.keys(shown[0] ?? {}).map((column) => [column, "text"] as const);
    cli.terminal.print(
      listing(Object.fromEntries(columns), shown, "There are no keys yet: jukebase key create NAME --source SOURCE"),
    );
  });
}

async function rotate(cli: Cli, name: string, overlap_ms: number): Promise<void> {
  const { rotateKey } = await import("@jukebase/api/keys.ts");
  await withJukebase(cli, async (jukebase) => {
    const { id, secret, replaces, valid_until } = await rotateKey(jukebase, name, overlap_ms, actor());
    cli.terminal.answer({ id, replaces, valid_until, secret });
    cli.terminal.print(`Made the key ${id}; ${replaces} stays valid until ${valid_until}.`);
    sayHow(cli, secret);
  });
}

async function revoke(cli: Cli, id: string): Promise<void> {
  const { revokeKey } = await import("@jukebase/api/keys.ts");
  await withJukebase(cli, async (jukebase) => {
    await revokeKey(jukebase, id, actor());
    cli.terminal.answer({ id, revoked: true });
    cli.terminal.print(`Revoked ${id}; within 2 s no API process lets it in any more.`);
  });
}

function sayHow(cli: Cli, secret: string): void {
  cli.terminal.print(`Secret (shown once): ${secret}`);
  cli.terminal.print('Send it as a header: "Authorization: Bearer …"');
}

function actor(): string {
  return `cli:${userInfo().username}`;
}

function several(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function instant(text: string): Date {
  if (/^\d+[smhd]$/.test(text)) return new Date(Date.now() + durationMs(text));
  const at = new Date(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(at.getTime())) return at;
  throw new Invalid(`"${text}" says no end: give an instant (2027-01-01T00:00:00Z) or a time from now (90d).`);
}
