import type { Jukebase } from "@jukebase/domains/open.ts";
import { Invalid, pgExecutor } from "@jukebase/platform";
import { type AuditProof, auditHashAt, auditTrail, verifyAudit } from "@jukebase/platform/audit.ts";
import { type AddCommand, type Cli, examples, wholeNumber, withJukebase } from "../cli.ts";
import { listing } from "../terminal.ts";

type ListOptions = { readonly object?: string; readonly action?: string; readonly before?: number; readonly limit: number };
type Expected = { readonly seq: number; readonly hash: string };

/** `jukebase audit`: who changed what, and the proof that nobody changed the record of it. */
export const auditCommand: AddCommand = (program, cli) => {
  const command = program
    .command("audit")
    .description("Who did what, when, to what and why; and the proof that this record is whole");
  command
    .command("list")
    .description("The newest entries first")
    .option("--object <text>", "only of this thing: the id of a quarantined item, an account, a group in words")
    .option("--action <name>", "only of this kind: quarantine.replay, quarantine.discard, admin.create …")
    .option("--before <n>", "only entries before this number, to page on", wholeNumber())
    .option("--limit <n>", "how many", wholeNumber(), 50)
    .addHelpText("after", examples("audit list", "audit list --action quarantine.discard --limit 10"))
    .action((options: ListOptions) => withJukebase(cli, (jukebase) => list(cli, jukebase, options)));
  command
    .command("verify")
    .description(
      "Compute every seal anew; exit code 1 when an entry was changed, removed or put in. Keep the head that it prints elsewhere",
    )
    .option("--expect <seq:hash>", "a head that was printed before: it must still be in the chain", expected)
    .addHelpText("after", examples("audit verify", "audit verify --expect 42:9f86d081884c7d65…"))
    .action((options: { expect?: Expected }) => withJukebase(cli, (jukebase) => verify(cli, jukebase, options.expect)));
};

async function list({ terminal }: Cli, { database }: Jukebase, { limit, ...filter }: ListOptions): Promise<void> {
  const entries = await auditTrail(pgExecutor(database.pg), filter, limit);
  terminal.answer({ entries });
  const columns = { seq: "integer", at: "timestamp", actor: "text", action: "text", object: "text", why: "text" } as const;
  terminal.print(listing(columns, entries, "The audit log holds nothing like it."));
}

async function verify(cli: Cli, { database }: Jukebase, wanted: Expected | undefined): Promise<void> {
  const { terminal } = cli;
  const db = pgExecutor(database.pg);
  const proof = await verifyAudit(db);
  const found = wanted === undefined ? undefined : await auditHashAt(db, wanted.seq);
  const missing = wanted !== undefined && found !== wanted.hash;
  terminal.answer({ ...proof, holds: proof.broken.length === 0 && !missing, ...(wanted ? { expected: !missing } : {}) });
  for (const { seq, what } of proof.broken) terminal.print(`Entry ${seq}: ${what}.`);
  if (missing)
    terminal.print(
      `Entry ${wanted.seq} ${found === undefined ? "is not there any more" : "has another hash"}: the end of the log was cut off or written anew.`,
    );
  terminal.print(sentence(proof, missing));
  if (proof.broken.length > 0 || missing) cli.exit(1);
}

function sentence({ entries, head, broken }: AuditProof, missing: boolean): string {
  if (broken.length > 0 || missing)
    return "The audit log is not what was written. Keep the database as it is, and compare it with a backup.";
  if (entries === 0) return "The audit log is empty.";
  return `${entries} entries, each sealed with the one before. Keep this head elsewhere: ${entries}:${head}`;
}

function expected(text: string): Expected {
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined)
    throw new Invalid(`"${text}" is not the head of an audit log: give what \`jukebase audit verify\` printed, SEQ:HASH.`);
  return { seq: Number(seq), hash };
}
