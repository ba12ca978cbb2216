import type { Executor } from "@jukebase/platform";
import { append, type Verdict } from "./append.ts";
import { modesNow } from "./contract-modes.ts";
import { type Judged, judge, type Sound } from "./judge.ts";
import type { Intake } from "./load.ts";
import { occurrencesOf } from "./occurrence.ts";
import { type DayKeys, dayKeys, opened, readAgain } from "./quarantine-bytes.ts";
import { type Chunk, type Held, takeItems } from "./quarantine-chunks.ts";
import { declareSource } from "./source.ts";

/** How a chunk is moved: whether its items are kept from others meanwhile, and what must be committed with it, before the batch is closed. */
export type Moving = {
  readonly lock: boolean;
  readonly settle: (items: readonly string[], verdicts: readonly Verdict[]) => Promise<void>;
};

/** Puts those items of a chunk that are still open through the intake, in the caller's transaction; one verdict per item. */
export async function moveChunk(db: Executor, intake: Intake, chunk: Chunk, { lock, settle }: Moving): Promise<Verdict[]> {
  const held = await takeItems(db, chunk.ids, lock);
  if (held.length === 0) return [];
  const source = await declareSource(db, chunk.source);
  const receivedAt = intake.clock.now();
  const days = dayKeys(db, intake.keys);
  const bench = { contracts: intake.contracts, source, keys: intake.keys, receivedAt, modes: await modesNow(intake) };
  const judged: Judged[] = [];
  for (const item of held) judged.push(judge(await readAgain(days, item), { ...bench, type: item.type ?? undefined }));
  const from = held.map((item) => item.quarantine_id);
  return append(db, await known(db, days, held, judged), {
    source,
    keys: intake.keys,
    receivedAt,
    moved: true,
    from,
    settle: async (_counts, verdicts) => {
      await markReplayed(db, from, verdicts, receivedAt);
      await settle(from, verdicts);
    },
  });
}

// What came without an id is known by which of its equal ones it was when it first came.
async function known(db: Executor, days: DayKeys, held: readonly Held[], judged: readonly Judged[]): Promise<Judged[]> {
  const unnamed = held.filter((_, n) => isUnnamed(judged[n]));
  const occurrences = await occurrencesOf(
    db,
    unnamed.map((item) => item.quarantine_id),
  );
  const again: Judged[] = [];
  for (const [n, verdict] of judged.entries()) {
    const item = held[n] as Held;
    if (!isUnnamed(verdict)) again.push(verdict);
    else again.push({ ...verdict, again: await identityOf(days, item, occurrences.get(item.quarantine_id) ?? 1) });
  }
  return again;
}

function isUnnamed(verdict: Judged | undefined): verdict is Sound {
  return verdict?.sound === true && verdict.id === undefined;
}

// As it came, a fact has the id that its load would have given it; mended, one that tells which broken item it was.
async function identityOf(days: DayKeys, item: Held, occurrence: number): Promise<NonNullable<Sound["again"]>> {
  const { mended, content, received_at: receivedAt } = item;
  if (mended) return { occurrence, scope: `mended ${content}`, receivedAt };
  const scope = await opened(days, item.sealed_scope, item.bytes_day);
  return { occurrence, scope: scope?.toString() ?? item.scope ?? "", receivedAt };
}

async function markReplayed(db: Executor, ids: readonly string[], verdicts: readonly Verdict[], at: Date): Promise<void> {
  const moved = verdicts.flatMap((verdict, n) => (verdict.outcome === "quarantined" ? [] : [[ids[n], verdict.key] as const]));
  if (moved.length === 0) return;
  await db.query(
    `update events.quarantine
     set status = 'replayed', resolved_at = $3, attempts = attempts + 1, event_key = moved.event_key
     from unnest($1::uuid[], $2::uuid[]) as moved (quarantine_id, event_key)
     where quarantine.quarantine_id = moved.quarantine_id`,
    [moved.map(([id]) => id), moved.map(([, key]) => key), at.toISOString()],
  );
}
