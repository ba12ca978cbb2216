import type { Executor } from "@jukebase/platform";
import type { Sealed } from "./quarantine-bytes.ts";
import { filterValues, matching, type QuarantineChoice } from "./quarantine-choice.ts";

/** Open items of one source, by their ids, in the order in which they came. */
export type Chunk = { readonly source: string; readonly ids: readonly string[] };

/** How many open items are chosen. */
export async function countChosen(db: Executor, choice: QuarantineChoice): Promise<number> {
  return (await chosenBySource(db, choice)).reduce((sum, { items }) => sum + items, 0);
}

/**
 * The chosen open items as they are when this begins, a chunk at a time; one batch has one source, so has a chunk. Items are only named:
 * whoever changes them takes them first (`takeItems`), and may find that somebody else was faster.
 */
export async function* openChunks(db: Executor, choice: QuarantineChoice, size: number): AsyncGenerator<Chunk> {
  for (const { source, last } of await chosenBySource(db, choice)) {
    for (let after = "00000000-0000-0000-0000-000000000000"; ; ) {
      const rows = await db.query<{ quarantine_id: string }>(
        `select quarantine_id
         from events.quarantine
         where ${chosen}
           and quarantine.source = $8
           and quarantine_id > $9::uuid
           and quarantine_id <= $10::uuid
         order by quarantine_id
         limit $11`,
        [...chosenValues(choice), source, after, last, size],
      );
      if (rows.length === 0) break;
      const ids = rows.map((row) => row.quarantine_id);
      yield { source, ids };
      after = ids.at(-1) as string;
    }
  }
}

/** A quarantined item as a replay or a mending takes it. */
export type Held = Sealed & {
  readonly quarantine_id: string;
  readonly type: string | null;
  readonly line: number | null;
  readonly content: string;
  readonly scope: string | null;
  readonly sealed_scope: Buffer | null;
  readonly mended: boolean;
  readonly received_at: string;
};

/** Takes those of the items that are still open, until the transaction ends; waits for whoever has one of them. */
export function takeItems(db: Executor, ids: readonly string[], lock: boolean): Promise<Held[]> {
  return db.query<Held>(
    `select
       quarantine_id, type, line, content, scope, sealed_scope, mended, received_at, bytes, bytes_day::text as bytes_day, fixed,
       fixed_day::text as fixed_day
     from events.quarantine
     where quarantine_id = any($1::uuid[])
       and status = 'open'
     order by quarantine_id
     ${lock ? "for update" : ""}`,
    [ids],
  );
}

const chosen = `${matching} and ($7::uuid[] is null or quarantine_id = any($7::uuid[]))`;

function chosenValues({ ids, ...filter }: QuarantineChoice): unknown[] {
  return [...filterValues({ ...filter, status: "open" }), ids ?? null];
}

function chosenBySource(db: Executor, choice: QuarantineChoice): Promise<{ source: string; items: number; last: string }[]> {
  return db.query(
    `select quarantine.source, count(*)::int as items, max(quarantine_id::text) as last
     from events.quarantine
     where ${chosen}
     group by quarantine.source
     order by quarantine.source`,
    chosenValues(choice),
  );
}
