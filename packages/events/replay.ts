import { type Executor, transaction } from "@jukebase/platform";
import { append, type Verdict } from "./append.ts";
import { modesNow } from "./contract-modes.ts";
import { type Judged, judge, type Sound } from "./judge.ts";
import type { Intake } from "./load.ts";
import { announce } from "./load-write.ts";
import { asEnvelope, filterValues, opened, type QuarantineFilter, type Sealed } from "./quarantine.ts";
import { declareSource } from "./source.ts";
import { decode } from "./sources/decode.ts";
import { type Outcome, parseExact, type RawEnvelope, type Received } from "./sources/index.ts";

/** What a replay did with the items it took; `left` are still quarantined, with today's reasons. */
export type ReplaySummary = {
  readonly taken: number;
  readonly logged: number;
  readonly duplicates: number;
  readonly left: number;
};

/** Which open items to replay: named ones, or all that match. */
export type ReplayChoice = QuarantineFilter & { readonly ids?: readonly string[] | undefined };

const chunk = 500;

/**
 * Puts open items through the intake again, mended where somebody mended them. An item moves, it is not received again: logged or found
 * to be a duplicate, it is marked replayed; still broken, it stays. Replaying twice is the same as replaying once.
 */
export async function replay(intake: Intake, choice: ReplayChoice): Promise<ReplaySummary> {
  const total = { taken: 0, logged: 0, duplicates: 0, left: 0 };
  for (let after = "00000000-0000-0000-0000-000000000000"; ; ) {
    const step = await transaction(intake.database.pg, (db) => replayChunk(db, intake, choice, after));
    if (step === undefined) break;
    after = step.last;
    for (const verdict of step.verdicts) {
      total.taken += 1;
      if (verdict.outcome === "accepted") total.logged += 1;
      else if (verdict.outcome === "duplicate") total.duplicates += 1;
      else total.left += 1;
    }
  }
  if (total.logged > 0) await announce(intake);
  return total;
}

type Held = Sealed & {
  quarantine_id: string;
  source: string;
  type: string | null;
  line: number | null;
  content: string;
  scope: string | null;
  mended: boolean;
  received_at: string;
  occurrence: number;
};

// One batch has one source, so a chunk takes the items of one source that come next in order.
async function replayChunk(
  db: Executor,
  intake: Intake,
  choice: ReplayChoice,
  after: string,
): Promise<{ last: string; verdicts: Verdict[] } | undefined> {
  const held = await takeHeld(db, choice, after);
  const first = held[0];
  if (first === undefined) return undefined;
  const same = held.slice(0, runLength(held, first.source));
  const source = await declareSource(db, first.source);
  const receivedAt = intake.clock.now();
  const bench = { contracts: intake.contracts, source, keys: intake.keys, receivedAt, modes: await modesNow(intake) };
  const judged: Judged[] = [];
  for (const item of same) {
    const received = await readAgain(db, intake, item);
    const verdict = judge(received, { ...bench, type: item.type ?? undefined });
    judged.push(verdict.sound ? { ...verdict, again: identityOf(item) } : verdict);
  }
  const from = same.map((item) => item.quarantine_id);
  const verdicts = await append(db, judged, { source, keys: intake.keys, receivedAt, moved: true, from });
  await markReplayed(
    db,
    from.filter((_, n) => verdicts[n]?.outcome !== "quarantined"),
    receivedAt,
  );
  return { last: same.at(-1)?.quarantine_id as string, verdicts };
}

// As it came, a fact has the id that its load would have given it; mended, one that tells which broken item it was.
function identityOf({ occurrence, mended, content, scope, received_at }: Held): NonNullable<Sound["again"]> {
  return { occurrence, scope: mended ? `mended ${content}` : (scope ?? ""), receivedAt: received_at };
}

function takeHeld(db: Executor, choice: ReplayChoice, after: string): Promise<Held[]> {
  return db.query<Held>(
    `select
       quarantine_id, source, type, line, content, scope, mended, received_at, bytes, bytes_day::text as bytes_day, fixed,
       fixed_day::text as fixed_day,
       (
         select count(*)::int
         from events.quarantine as equal
         where equal.load_id is not distinct from quarantine.load_id
           and (quarantine.load_id is not null or equal.batch_id = quarantine.batch_id)
           and equal.content = quarantine.content
           and equal.quarantine_id <= quarantine.quarantine_id
       ) as occurrence
     from events.quarantine
     where status = 'open'
       and ($1::text is null or status = $1) and ($2::text is null or type = $2) and ($3::text is null or reason = $3)
       and ($4::text is null or source = $4)
       and ($5::uuid[] is null or quarantine_id = any($5::uuid[]))
       and quarantine_id > $6::uuid
     order by quarantine_id
     limit $7
     for update`,
    [...filterValues({ ...choice, status: "open" }), choice.ids ?? null, after, chunk],
  );
}

function runLength(held: readonly Held[], source: string): number {
  const end = held.findIndex((item) => item.source !== source);
  return end === -1 ? held.length : end;
}

async function readAgain(db: Executor, intake: Intake, item: Held): Promise<Received> {
  const bytes =
    (await opened(db, intake.keys, item.fixed, item.fixed_day)) ?? (await opened(db, intake.keys, item.bytes, item.bytes_day));
  return { line: item.line ?? 1, end: 0, bytes: bytes ?? Buffer.alloc(0), outcome: outcomeOf(bytes, item.type ?? undefined) };
}

function outcomeOf(bytes: Buffer | undefined, type: string | undefined): Outcome {
  if (bytes === undefined) return { ok: false, issues: [expired] };
  const text = decode(bytes);
  if (text === undefined) return { ok: false, issues: [notUtf8] };
  const parsed = parseExact(text);
  if (!parsed.ok) return { ok: false, issues: [parsed.issue] };
  const envelope = envelopeOf(parsed.value, type);
  return envelope ? { ok: true, envelope } : { ok: false, issues: [notAnEvent] };
}

function envelopeOf(value: unknown, type: string | undefined): RawEnvelope | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  if (type === undefined) return "type" in value ? value : undefined;
  return asEnvelope(value, type);
}

const notUtf8 = { path: "$", code: "not-utf8", rule: "Is not UTF-8: mend it, or convert the file and load it again." };
const expired = { path: "$", code: "expired", rule: "What was received can no longer be read: the key of its day has expired." };
const notAnEvent = { path: "$", code: "not-an-event", rule: 'An event is a JSON object: {"type": "…", "data": {…}}.' };

async function markReplayed(db: Executor, ids: readonly string[], at: Date): Promise<void> {
  await db.query(
    `update events.quarantine
     set status = 'replayed', resolved_at = $2, attempts = attempts + 1
     where quarantine_id = any($1::uuid[])`,
    [ids, at.toISOString()],
  );
}
