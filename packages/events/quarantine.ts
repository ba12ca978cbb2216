import { Conflict, type ContractIssue, type Executor, Invalid, NotFound, transaction } from "@jukebase/platform";
import { modesNow } from "./contract-modes.ts";
import { judge } from "./judge.ts";
import type { Keys } from "./keys.ts";
import type { Intake } from "./load.ts";
import { declareSource } from "./source.ts";
import { parseExact, type RawEnvelope, type Received } from "./sources/index.ts";
import { dayKey, seal, unseal } from "./vault.ts";

/** One quarantined item as lists show it; nothing of what was received is in it. */
export type QuarantineItem = {
  readonly quarantine_id: string;
  readonly source: string;
  readonly type: string | null;
  readonly event_id: string | null;
  readonly reason: string;
  readonly issues: readonly ContractIssue[];
  readonly status: "open" | "replayed" | "discarded" | "expired" | "discarded-value";
  readonly line: number | null;
  readonly load: string | null;
  readonly received_at: string;
  readonly attempts: number;
  readonly resolution: string | null;
};

/** Which items: by status (open unless said otherwise), type, reason, source. */
export type QuarantineFilter = {
  readonly status?: string | undefined;
  readonly type?: string | undefined;
  readonly reason?: string | undefined;
  readonly source?: string | undefined;
};

const columns = `quarantine_id, quarantine.source, type, event_id, reason, issues, quarantine.status, line, load.name as load, received_at, attempts,
  resolution`;

const matching = `($1::text is null or quarantine.status = $1) and ($2::text is null or type = $2) and ($3::text is null or reason = $3)
  and ($4::text is null or quarantine.source = $4)`;

/** The newest items first. */
export function listQuarantine(db: Executor, filter: QuarantineFilter = {}, limit = 100, offset = 0): Promise<QuarantineItem[]> {
  return db.query<QuarantineItem>(
    `select ${columns}
     from events.quarantine
     left join events.load using (load_id)
     where ${matching}
     order by quarantine_id desc
     limit $5 offset $6`,
    [...filterValues(filter), limit, offset],
  );
}

/** How many items of each type and reason. */
export function quarantineGroups(
  db: Executor,
  filter: QuarantineFilter = {},
): Promise<{ type: string | null; reason: string; items: number }[]> {
  return db.query(
    `select type, reason, count(*)::int as items
     from events.quarantine
     where ${matching}
     group by type, reason
     order by items desc, type, reason`,
    filterValues(filter),
  );
}

/** One item with what was received, as text, and, when it was mended or had to be read another way, the envelope that a replay will take. */
export async function showQuarantine(
  db: Executor,
  keys: Keys,
  id: string,
): Promise<QuarantineItem & { readonly received: string | undefined; readonly envelope: string | undefined }> {
  requireId(id);
  const [row] = await db.query<QuarantineItem & Sealed>(
    `select ${columns}, bytes, bytes_day::text as bytes_day, fixed, fixed_day::text as fixed_day
     from events.quarantine
     left join events.load using (load_id)
     where quarantine_id = $1`,
    [id],
  );
  if (!row) throw new NotFound(`Nothing in quarantine has the id ${id}; see \`jukebase quarantine list\`.`);
  const { bytes, bytes_day, fixed, fixed_day, ...item } = row;
  const [received, envelope] = [await opened(db, keys, bytes, bytes_day), await opened(db, keys, fixed, fixed_day)];
  return { ...item, received: received?.toString(), envelope: envelope?.toString() };
}

/**
 * Puts a mended text beside what was received; the original is kept. A bare body is taken under the item's type.
 * Returns the issues that it would still have: none means that a replay will log it.
 */
export async function fixQuarantine(intake: Intake, id: string, text: string): Promise<readonly ContractIssue[]> {
  return transaction(intake.database.pg, async (db) => {
    const item = await showQuarantine(db, intake.keys, id);
    if (item.status !== "open") throw new Conflict(`This item is ${item.status}; only open items can be mended.`);
    const parsed = parseExact(text);
    if (!parsed.ok) throw new Invalid(`The mended text is not JSON: ${parsed.issue.rule}`);
    const envelope = asEnvelope(parsed.value, item.type ?? undefined, carriedBy(item));
    const day = intake.clock.now().toISOString().slice(0, 10);
    const key = (await dayKey(db, intake.keys, day, true)) as Buffer;
    await db.query("update events.quarantine set fixed = $2, fixed_day = $3, mended = true where quarantine_id = $1", [
      id,
      seal(key, Buffer.from(JSON.stringify(envelope))),
      day,
    ]);
    const source = await declareSource(db, item.source);
    const verdict = judge(receivedAgain(JSON.stringify(envelope), envelope), {
      contracts: intake.contracts,
      source,
      keys: intake.keys,
      receivedAt: intake.clock.now(),
      modes: await modesNow(intake),
    });
    return verdict.sound ? [] : verdict.issues;
  });
}

/** Sets open items aside for good, with the reason why; they stay counted. Returns how many. */
export async function discardQuarantine(db: Executor, ids: readonly string[], why: string, at: Date): Promise<number> {
  for (const id of ids) requireId(id);
  if (why.trim() === "") throw new Invalid('Say why these items are discarded: --why "…".');
  const rows = await db.query(
    `update events.quarantine
     set status = 'discarded', resolved_at = $3, resolution = $2
     where quarantine_id = any($1::uuid[]) and status = 'open'
     returning quarantine_id`,
    [ids, why, at.toISOString()],
  );
  return rows.length;
}

/** A parsed JSON value as an envelope; a bare body is taken under `type`, with what else is known. Throws `Invalid` when it is neither. */
export function asEnvelope(value: unknown, type: string | undefined, carried: RawEnvelope = {}): RawEnvelope {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Invalid("An event is a JSON object.");
  const object = value as Record<string, unknown>;
  if ("type" in object && ("data" in object || "retracts" in object)) return object;
  if (type === undefined) throw new Invalid('Give the whole event: {"type": "…", "data": {…}}; this item\'s type is not known.');
  return { ...carried, type, data: object };
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

/** An envelope as if it had just been read. */
export function receivedAgain(text: string, envelope: RawEnvelope): Received {
  return { line: 1, end: 0, bytes: Buffer.from(text), outcome: { ok: true, envelope } };
}

/** A quarantined item's bytes, and what stands in for them, each sealed under the key of a day. */
export type Sealed = { bytes: Buffer | null; bytes_day: string | null; fixed: Buffer | null; fixed_day: string | null };

/** What was sealed under a day's key; undefined when nothing was, or when that day's key has expired. */
export async function opened(db: Executor, keys: Keys, bytes: Buffer | null, day: string | null): Promise<Buffer | undefined> {
  if (bytes === null || day === null) return undefined;
  const key = await dayKey(db, keys, day, false);
  return key && unseal(key, bytes);
}

/** The values of `matching`, in order. */
export function filterValues(filter: QuarantineFilter): unknown[] {
  return [filter.status ?? "open", filter.type ?? null, filter.reason ?? null, filter.source ?? null];
}

function requireId(id: string): void {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
    throw new Invalid(`"${id}" is not the id of a quarantined item; see \`jukebase quarantine list\`.`);
  }
}
