import { writeFile } from "node:fs/promises";
import type { Jukebase } from "@jukebase/domains/open.ts";
import {
  type Certificate,
  declaredNamespace,
  eraseSubject,
  expire,
  exportSubject,
  type Holdings,
  holdingsOf,
  parseSubject,
  revealFor,
  rotateKeys,
  type Subject,
  vaultStatus,
} from "@jukebase/events";
import { Invalid, pgExecutor } from "@jukebase/platform";
import { actor } from "../actor.ts";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { confirmed } from "../confirm.ts";
import { type MasterKeyOptions, rotateMaster } from "../rotate-master.ts";
import { listing } from "../terminal.ts";

type Naming = { readonly source?: string };

/** `jukebase privacy`: what is known of persons; give it out, erase it, let it expire; renew the keys. */
export const privacyCommand: AddCommand = (program, cli) => {
  const command = program
    .command("privacy")
    .description("Personal data: look, give out, erase, expire; and the keys it is sealed with");
  command
    .command("status")
    .description("Subjects, values, keys, and what expires when")
    .addHelpText("after", examples("privacy status", "privacy status --json"))
    .action(() => withJukebase(cli, (jukebase) => status(cli, jukebase)));
  command
    .command("export <subject>")
    .description("Everything known of one person, as one JSON document")
    .option("--source <name>", "a source in whose ids the subject is named: then <subject> is kind:id")
    .option("--out <file>", "write it there, readable by you alone, instead of to standard output")
    .option("--why <text>", "for what, for the audit log", "a request for what is known")
    .addHelpText(
      "after",
      examples("privacy export customer:shop:42 --out customer-42.json", "privacy export customer:42 --source shop"),
    )
    .action((subject: string, options: Naming & { out?: string; why: string }) =>
      withJukebase(cli, (jukebase) => give(cli, jukebase, subject, options)),
    );
  command
    .command("erase <subject>")
    .description("Erase one person's values for good; events stay and every number with them")
    .requiredOption("--why <text>", "the reason, for the audit log")
    .option("--source <name>", "a source in whose ids the subject is named: then <subject> is kind:id")
    .option("--yes", "do not ask")
    .addHelpText(
      "after",
      examples(
        `privacy erase customer:shop:42 --why "asked by letter of 3 March"`,
        `privacy erase customer:42 --source shop --why "asked" --yes --json`,
      ),
    )
    .action((subject: string, options: Naming & { why: string; yes?: boolean }) =>
      withJukebase(cli, (jukebase) => erase(cli, jukebase, subject, options)),
    );
  command
    .command("reveal <token...>")
    .description("The values behind tokens, for a purpose that is written down")
    .requiredOption("--purpose <text>", "what they are for, for the audit log")
    .addHelpText("after", examples(`privacy reveal tok_0123456789abcdefghijklmnopq --purpose "calling back about invoice 7"`))
    .action((tokens: string[], { purpose }: { purpose: string }) =>
      withJukebase(cli, (jukebase) => reveal(cli, jukebase, tokens, purpose)),
    );
  command
    .command("expire")
    .description("Delete the keys of days that are too old; the worker does it by itself")
    .addHelpText("after", examples("privacy expire"))
    .action(() => withJukebase(cli, (jukebase) => expireNow(cli, jukebase)));
  command
    .command("rotate")
    .description("Renew the key that seals every subject's key, while intake goes on; again takes up one that was cut short")
    .addHelpText("after", examples("privacy rotate"))
    .action(() => withJukebase(cli, (jukebase) => rotate(cli, jukebase)));
  command
    .command("rotate-master")
    .description("Seal the keys under another master key; hashes and tokens stay")
    .option("--new-key-file <file>", "read the new master key there; else JUKEBASE_NEW_KEY is read")
    .option("--generate", "make a new one and put it into the key file of the installation's folder")
    .addHelpText("after", examples("privacy rotate-master --generate", "privacy rotate-master --new-key-file /run/secrets/next"))
    .action((options: MasterKeyOptions) => withJukebase(cli, (jukebase) => rotateMaster(cli, jukebase, options)));
};

async function status({ terminal }: Cli, jukebase: Jukebase): Promise<void> {
  const now = await vaultStatus(pgExecutor(jukebase.database.pg), jukebase);
  terminal.answer(now);
  terminal.print(
    `${now.subjects} subjects with ${now.values} values; ${now.erased} erased, ${now.dropped} values of theirs dropped since.`,
  );
  if (now.values_of_old > 0)
    terminal.print(`${now.values_of_old} values lie under the vault's one key of before: jukebase privacy rotate`);
  const changed = now.master_key.changed_at === null ? "never changed" : `changed on ${now.master_key.changed_at.slice(0, 10)}`;
  terminal.print(`Master key ${now.master_key.fingerprint}, ${changed}.`);
  terminal.print(listing({ generation: "integer", made_at: "timestamp", subjects: "integer" }, now.generations));
  terminal.print(
    now.days.kept === 0
      ? `No day has a key. Days stay readable for ${now.sealed_days} days.`
      : `${now.days.kept} days have keys, the oldest ${now.days.oldest}; the next goes on ${now.days.next_expires_on} (after ${now.sealed_days} days).`,
  );
  if (now.expiring.length === 0) return;
  terminal.print("Quarantined events that nobody can read any more soon:");
  terminal.print(listing({ expires_on: "date", items: "integer", reason: "text", type: "text" }, now.expiring));
}

async function give(
  { terminal }: Cli,
  jukebase: Jukebase,
  text: string,
  { source, out, why }: Naming & { out?: string; why: string },
): Promise<void> {
  const subject = await named(jukebase, text, source);
  const found = await exportSubject(jukebase, subject, { actor: actor(), purpose: why });
  if (out === undefined) {
    terminal.write(terminal.json ? `${JSON.stringify(found)}\n` : `${JSON.stringify(found, null, 2)}\n`);
    return;
  }
  await writeFile(out, `${JSON.stringify(found, null, 2)}\n`, { mode: 0o600 });
  const counts = { events: found.events.length, values: found.values.length, quarantine: found.quarantine.length };
  terminal.answer({ subject: found.subject, file: out, ...counts });
  terminal.print(`Wrote ${counts.values} values and ${counts.events} events of ${found.subject} to ${out}.`);
}

async function erase(
  { terminal }: Cli,
  jukebase: Jukebase,
  text: string,
  { source, why, yes }: Naming & { why: string; yes?: boolean },
): Promise<void> {
  if (why.trim() === "") throw new Invalid('Say why this subject is erased: --why "…".');
  const subject = await named(jukebase, text, source);
  for (const line of intended(await holdingsOf(jukebase, subject))) terminal.print(line);
  if (!yes && !(await confirmed(terminal, "Erase this for good?"))) {
    throw new Invalid("Nothing was erased. Give --yes to erase without being asked.");
  }
  const certificate: Certificate = await eraseSubject(jukebase, subject, { actor: actor(), why });
  terminal.answer(certificate);
  terminal.print(JSON.stringify(certificate, null, 2));
}

function intended({ subject, erased_at, values, events, unknown_fields, quarantine }: Holdings): string[] {
  const fields = Object.entries(values).map(([field, n]) => `${n} × ${field}`);
  return [
    `Of ${subject}${erased_at === null ? "" : ` (erased before, on ${erased_at.slice(0, 10)})`}:`,
    `  ${fields.length === 0 ? "no values" : fields.join(", ")} in the vault: deleted, with the key`,
    `  ${events} events: stay, with tokens that lead nowhere; no number changes`,
    `  ${unknown_fields} log entries with sealed unknown fields: those are taken out`,
    `  ${quarantine.open} open quarantined events: expired, their bytes deleted; of ${quarantine.resolved} resolved ones the bytes too`,
  ];
}

async function reveal({ terminal }: Cli, jukebase: Jukebase, tokens: readonly string[], purpose: string): Promise<void> {
  const found = await revealFor(jukebase, tokens, { actor: actor(), purpose });
  terminal.answer({ values: Object.fromEntries(found) });
  for (const token of tokens) terminal.print(`${token}  ${found.get(token) ?? "(nothing: never kept, or erased)"}`);
}

async function expireNow({ terminal }: Cli, jukebase: Jukebase): Promise<void> {
  const done = await expire(jukebase, actor());
  terminal.answer(done);
  terminal.print(`The keys of ${done.days} days are deleted; ${done.items} quarantined events are expired.`);
}

async function rotate({ terminal }: Cli, jukebase: Jukebase): Promise<void> {
  const done = await rotateKeys(jukebase, actor(), ({ subjects, values }) =>
    terminal.progress(`${subjects} subjects' keys, ${values} values of old …`),
  );
  terminal.progress(undefined);
  terminal.answer(done);
  terminal.print(
    `Generation ${done.generation} seals ${done.subjects} subjects' keys; ${done.values} values of old were given their subjects'.`,
  );
  if (done.generations > 1) {
    terminal.print("An older generation is still in use by a process that runs: start it again, then run this again.");
  }
}

async function named({ contracts, database }: Jukebase, text: string, source: string | undefined): Promise<Subject> {
  const namespace = source === undefined ? undefined : await declaredNamespace(pgExecutor(database.pg), source);
  return parseSubject(text, contracts, namespace);
}
