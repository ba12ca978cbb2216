import { NotFound } from "@jukebase/platform/errors.ts";
import type pg from "pg";
import { definitionOf } from "./plan.ts";
import { listed } from "./quote.ts";
import { liveSchema, registeredMarts } from "./registry.ts";
import { session, within } from "./session.ts";
import { inStore } from "./store.ts";
import { selectedColumns } from "./validity.ts";

/** A row that a mart and its definition disagree on: computed but not kept (`missing`), or kept but not computed (`unexpected`). */
export type Difference = { readonly side: "missing" | "unexpected"; readonly row: Readonly<Record<string, unknown>> };

/** How many rows differ, and the first of them. */
export type Verification = {
  readonly name: string;
  readonly missing: number;
  readonly unexpected: number;
  readonly examples: readonly Difference[];
};

/**
 * Law 4: compares a mart with its SELECT run from scratch, both ways, counting duplicates, at one snapshot. What waits to be refreshed
 * differs rightly, so refresh first. Of a snapshot, the versions that hold are compared. Each mart is compared over the marts it reads; verified one by one they hold together.
 */
export async function verifyMart(pool: pg.Pool, name: string, schema: string = liveSchema): Promise<Verification> {
  return session(pool, (db) =>
    within(db, "repeatable read", async () => {
      const mart = (await registeredMarts(db, schema)).find((registered) => registered.name === name);
      if (mart === undefined) throw new NotFound(`There is no mart ${name}`);
      const columns = listed(selectedColumns(mart));
      const kept = `select ${columns} from ${inStore(mart.store)} ${mart.kind === "snapshot" ? "where valid_to is null" : ""}`;
      const computed = `select ${columns} from ${inStore(definitionOf(mart))}`;
      const rows = await db.query<{ side: Difference["side"]; row: string; count: string }>(`
        with difference as (
          select 'missing' as side, to_jsonb(missing) as differing from (${computed} except all ${kept}) as missing
          union all
          select 'unexpected', to_jsonb(unexpected) from (${kept} except all ${computed}) as unexpected
        ),
        numbered as (
          select side, differing, count(*) over (partition by side) as count, row_number() over (partition by side) as n from difference
        )
        select side, differing::text as row, count::text as count from numbered where n <= 5 order by side, n`);
      const count = (side: Difference["side"]): number => Number(rows.find((row) => row.side === side)?.count ?? 0);
      const examples = rows.map(({ side, row }) => ({ side, row: JSON.parse(row) as Record<string, unknown> }));
      return { name, missing: count("missing"), unexpected: count("unexpected"), examples };
    }),
  );
}
