import { type ContractIssue, type Executor, pgExecutor, transaction } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import { modesNow } from "./contract-modes.ts";
import { type Doer, system } from "./doer.ts";
import { bodyHash } from "./identity.ts";
import { type Bench, judge } from "./judge.ts";
import type { Intake } from "./load.ts";
import { applyProgram } from "./mending/apply.ts";
import { describeProgram } from "./mending/describe.ts";
import { parseProgram } from "./mending/parse.ts";
import type { Program } from "./mending/program.ts";
import { parseVerbatim } from "./mending/verbatim.ts";
import { type DayKeys, dayKeys, envelopeOf, readAgain, receivedAgain } from "./quarantine-bytes.ts";
import { choiceInWords, idsHash, type QuarantineChoice } from "./quarantine-choice.ts";
import { type Chunk, countChosen, type Held, openChunks, takeItems } from "./quarantine-chunks.ts";
import { declareSource } from "./source.ts";
import { parseExact } from "./sources/index.ts";
import { dayKey, seal } from "./vault.ts";

/** What an expression makes of a group: `sound` keep their contract after it, `broken` do not yet, `reasons` says why, by code. */
export type GroupMending = {
  readonly taken: number;
  /** Items that the expression changed, and that were therefore kept with a mended text. */
  readonly changed: number;
  readonly sound: number;
  readonly broken: number;
  readonly reasons: Readonly<Record<string, number>>;
};

/** One item before and after, as text; for the eyes of the person who asked, and stored nowhere. */
export type MendingSample = {
  readonly quarantine_id: string;
  readonly before: string;
  readonly after: string;
  readonly issues: readonly ContractIssue[];
};

/** How a mending is watched and stopped, as a replay is. */
export type MendingOptions = {
  readonly onProgress?: (done: GroupMending, of: number) => void;
  readonly alongside?: (db: Executor, step: GroupMending) => Promise<void>;
  readonly interrupted?: () => boolean;
  readonly chunk?: number;
};

const chunk_items = 2000;
const samples_max = 3;

/**
 * Mends all chosen open items by one expression (see `parseProgram`), each on what a replay would take, in chunks of one transaction
 * each. What was received is kept; an item that the expression leaves as it is stays untouched. Throws `Invalid` for an expression that
 * cannot be read.
 */
export async function mendGroup(
  intake: Intake,
  choice: QuarantineChoice,
  expression: string,
  by: Doer = system,
  { onProgress, alongside, interrupted, chunk = chunk_items }: MendingOptions = {},
): Promise<GroupMending> {
  const program = parseProgram(expression);
  const pool = pgExecutor(intake.database.pg);
  const of = onProgress ? await countChosen(pool, choice) : 0;
  let total = nothing;
  for await (const part of openChunks(pool, choice, chunk)) {
    if (interrupted?.()) throw new Error("The worker is stopping; another attempt goes on with this mending.");
    const step = await transaction(intake.database.pg, async (db) => {
      const mended = await mendChunk(db, intake, part, program, true);
      if (mended.length === 0) return nothing;
      await save(db, intake, mended);
      const done = count(mended);
      await alongside?.(db, done);
      await noteDown(db, intake, { choice, by, program, mended, done });
      return done;
    });
    total = sum(total, step);
    onProgress?.(total, of);
  }
  return total;
}

/** The same without changing anything, with a few items before and after. */
export async function tryMending(
  intake: Intake,
  choice: QuarantineChoice,
  expression: string,
  { onProgress, chunk = chunk_items }: Pick<MendingOptions, "onProgress" | "chunk"> = {},
): Promise<GroupMending & { readonly samples: readonly MendingSample[] }> {
  const program = parseProgram(expression);
  const pool = pgExecutor(intake.database.pg);
  const of = onProgress ? await countChosen(pool, choice) : 0;
  let total = nothing;
  const samples: MendingSample[] = [];
  for await (const part of openChunks(pool, choice, chunk)) {
    const mended = await transaction(intake.database.pg, (db) => mendChunk(db, intake, part, program, false));
    total = sum(total, count(mended));
    onProgress?.(total, of);
    samples.push(...mended.flatMap(sampleOf).slice(0, samples_max - samples.length));
  }
  return { ...total, samples };
}

type Mended = {
  readonly item: Held;
  readonly before: string | undefined;
  /** Undefined where nothing was changed. */
  readonly after: string | undefined;
  readonly issues: readonly ContractIssue[];
};

async function mendChunk(
  db: Executor,
  intake: Intake,
  { ids, source }: Chunk,
  program: Program,
  lock: boolean,
): Promise<Mended[]> {
  const held = await takeItems(db, ids, lock);
  const days = dayKeys(db, intake.keys);
  const bench: Bench = {
    contracts: intake.contracts,
    source: await declareSource(db, source),
    keys: intake.keys,
    receivedAt: intake.clock.now(),
    modes: await modesNow(intake),
  };
  const mended: Mended[] = [];
  for (const item of held) mended.push(await mendItem(days, item, program, bench));
  return mended;
}

async function mendItem(days: DayKeys, item: Held, program: Program, bench: Bench): Promise<Mended> {
  const { outcome, text } = await readAgain(days, item);
  if (!outcome.ok || text === undefined)
    return { item, before: text, after: undefined, issues: outcome.ok ? [] : outcome.issues };
  const envelope = envelopeOf(parseVerbatim(text), item.type ?? undefined);
  const before = JSON.stringify(envelope);
  const applied = applyProgram(program, envelope);
  if (!applied.ok) return { item, before, after: undefined, issues: [applied.issue] };
  const after = JSON.stringify(applied.value);
  const parsed = parseExact(after);
  if (!parsed.ok) return { item, before, after: undefined, issues: [parsed.issue] };
  const verdict = judge(receivedAgain(after, parsed.value as object), { ...bench, type: item.type ?? undefined });
  return { item, before, after: after === before ? undefined : after, issues: verdict.sound ? [] : verdict.issues };
}

async function save(db: Executor, intake: Intake, mended: readonly Mended[]): Promise<void> {
  const changed = mended.filter(({ after }) => after !== undefined);
  if (changed.length === 0) return;
  const day = intake.clock.now().toISOString().slice(0, 10);
  const key = (await dayKey(db, intake.keys, day, true)) as Buffer;
  await db.query(
    `update events.quarantine
     set fixed = mended.fixed, fixed_day = $3::date, mended = true
     from unnest($1::uuid[], $2::bytea[]) as mended (quarantine_id, fixed)
     where quarantine.quarantine_id = mended.quarantine_id`,
    [changed.map(({ item }) => item.quarantine_id), changed.map(({ after }) => seal(key, Buffer.from(after as string))), day],
  );
}

type Done = {
  readonly choice: QuarantineChoice;
  readonly by: Doer;
  readonly program: Program;
  readonly mended: readonly Mended[];
  readonly done: GroupMending;
};

function noteDown(db: Executor, { clock, keys }: Intake, { choice, by, program, mended, done }: Done): Promise<void> {
  const { taken, ...after } = done;
  const items = idsHash(mended.map(({ item }) => item.quarantine_id));
  const before = {
    open: taken,
    items,
    texts: bodyHash(
      keys,
      mended.map((one) => one.before ?? null),
    ),
  };
  const expression = describeProgram(program);
  const deed = { ...by, action: "quarantine.mend-group", object: choiceInWords(choice), before };
  return audit(
    db,
    {
      ...deed,
      after: {
        ...after,
        expression,
        texts: bodyHash(
          keys,
          mended.map((one) => one.after ?? null),
        ),
      },
    },
    clock.now(),
  );
}

function sampleOf({ item, before, after, issues }: Mended): MendingSample[] {
  if (before === undefined || after === undefined) return [];
  return [{ quarantine_id: item.quarantine_id, before, after, issues }];
}

function count(mended: readonly Mended[]): GroupMending {
  const reasons: Record<string, number> = {};
  for (const { issues } of mended) {
    const [issue] = issues;
    if (issue !== undefined) reasons[issue.code] = (reasons[issue.code] ?? 0) + 1;
  }
  const sound = mended.filter(({ issues }) => issues.length === 0).length;
  const changed = mended.filter(({ after }) => after !== undefined).length;
  return { taken: mended.length, changed, sound, broken: mended.length - sound, reasons };
}

const nothing: GroupMending = { taken: 0, changed: 0, sound: 0, broken: 0, reasons: {} };

function sum(one: GroupMending, other: GroupMending): GroupMending {
  const reasons = { ...one.reasons };
  for (const [code, items] of Object.entries(other.reasons)) reasons[code] = (reasons[code] ?? 0) + items;
  return {
    taken: one.taken + other.taken,
    changed: one.changed + other.changed,
    sound: one.sound + other.sound,
    broken: one.broken + other.broken,
    reasons,
  };
}
