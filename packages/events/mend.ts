import { Conflict, type ContractIssue, type Executor, Invalid, transaction } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import { modesNow } from "./contract-modes.ts";
import { type Doer, system } from "./doer.ts";
import { bodyHash } from "./identity.ts";
import { judge } from "./judge.ts";
import type { Intake } from "./load.ts";
import { parseVerbatim } from "./mending/verbatim.ts";
import { showQuarantine } from "./quarantine.ts";
import { asEnvelope, receivedAgain } from "./quarantine-bytes.ts";
import { declareSource } from "./source.ts";
import { parseExact, type RawEnvelope } from "./sources/index.ts";
import { dayKey, seal } from "./vault.ts";

/**
 * Puts a mended text beside what was received; the original is kept. A bare body is taken under the item's type.
 * Returns the issues that it would still have: none means that a replay will log it.
 */
export function fixQuarantine(intake: Intake, id: string, text: string, by: Doer = system): Promise<readonly ContractIssue[]> {
  return transaction(intake.database.pg, async (db) => {
    const { item, envelope, issues } = await examine(db, intake, id, text);
    const now = intake.clock.now();
    const day = now.toISOString().slice(0, 10);
    const key = (await dayKey(db, intake.keys, day, true)) as Buffer;
    await db.query("update events.quarantine set fixed = $2, fixed_day = $3, mended = true where quarantine_id = $1", [
      id,
      seal(key, Buffer.from(envelope)),
      day,
    ]);
    const hash = (content: string | undefined): string | null => (content === undefined ? null : bodyHash(intake.keys, content));
    const deed = {
      ...by,
      action: "quarantine.mend",
      object: id,
      before: { reason: item.reason, text: hash(item.envelope ?? item.received) },
      after: { breaks: issues.map(({ code }) => code), text: hash(envelope) },
    };
    await audit(db, deed, now);
    return issues;
  });
}

/** What a mended text would still break, by the same contract; nothing is changed. Throws `Invalid` for what is no event. */
export async function checkMended(intake: Intake, id: string, text: string): Promise<readonly ContractIssue[]> {
  return transaction(intake.database.pg, async (db) => (await examine(db, intake, id, text)).issues);
}

type Examined = {
  readonly item: Awaited<ReturnType<typeof showQuarantine>>;
  /** The mended envelope, every number digit by digit as it was written. */
  readonly envelope: string;
  readonly issues: readonly ContractIssue[];
};

async function examine(db: Executor, intake: Intake, id: string, text: string): Promise<Examined> {
  const item = await showQuarantine(db, intake.keys, id);
  await db.query("select from events.quarantine where quarantine_id = $1 for update", [id]);
  const [now] = await db.query<{ status: string }>("select status from events.quarantine where quarantine_id = $1", [id]);
  if (now?.status !== "open") throw new Conflict(`This item is ${now?.status}; only open items can be mended.`);
  const parsed = parseExact(text);
  if (!parsed.ok) throw new Invalid(`The mended text is not JSON: ${parsed.issue.rule}`);
  const carried = carriedBy(item);
  const type = item.type ?? undefined;
  const envelope = JSON.stringify(asEnvelope(parseVerbatim(text), type, carried));
  const bench = {
    contracts: intake.contracts,
    source: await declareSource(db, item.source),
    keys: intake.keys,
    receivedAt: intake.clock.now(),
    modes: await modesNow(intake),
  };
  const verdict = judge(receivedAgain(envelope, asEnvelope(parsed.value, type, carried)), bench);
  return { item, envelope, issues: verdict.sound ? [] : verdict.issues };
}

// What the envelope said beside the body stays true when only the body is mended.
function carriedBy(item: {
  readonly event_id: string | null;
  readonly received?: string | undefined;
  readonly envelope?: string | undefined;
}): RawEnvelope {
  const read = parseExact(item.envelope ?? item.received ?? "");
  const before = read.ok && read.value !== null && typeof read.value === "object" ? (read.value as RawEnvelope) : {};
  const { version, time, amends } = before;
  const said = { id: item.event_id ?? undefined, version, time, amends };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}
