import { Invalid } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { fileOf } from "../define-mart.ts";
import { renameReadings } from "../mart-select.ts";
import type { Planned } from "../plan.ts";
import { listed, quoted } from "../quote.ts";
import { inStore } from "../store.ts";
import type { Standing } from "./changes.ts";

/** A row as it stands on either side, by column; a value of a sensitive column is masked. */
export type RowExample = {
  readonly side: Side;
  readonly served: Row | null;
  readonly computed: Row | null;
};

/** `missing`: only the new definition gives it. `unexpected`: only the served mart has it. `changed`: same key, other values. */
export type Side = "missing" | "unexpected" | "changed";

/** A row by column name, as JSON. */
export type Row = Readonly<Record<string, unknown>>;

/** How the rows of a mart as served differ from those that its definition in the source gives now. */
export type RowDiff = {
  readonly name: string;
  /** By which columns rows are the same row; none: rows are compared as a whole, because its key is another or is not served. */
  readonly key: readonly string[];
  readonly rows: Readonly<Record<Side | "same", number>>;
  /** Of the changed rows, how many differ in which column. */
  readonly columns: Readonly<Record<string, number>>;
  /** Columns that only the new definition, or only the served mart has; they are not compared. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly examples: readonly RowExample[];
};

/** All marts as planned, those of them that a build would make anew, those that are built, and of these the broken ones. */
export type Sides = Pick<Standing, "registered" | "broken"> & {
  readonly planned: readonly Planned[];
  readonly changed: readonly Planned[];
};

/**
 * Compares at the caller's snapshot, in temporary relations that its transaction takes back. What a mart stands on is computed anew as
 * well where a build would do so, and otherwise read as it is served. Throws Invalid where that cannot be: a snapshot's past is nowhere else.
 */
export async function diffRows(db: Executor, name: string, sides: Sides): Promise<RowDiff> {
  const plan = named(sides.planned, name);
  const built = sides.registered.find((mart) => mart.name === name && !sides.broken.has(mart.store));
  refuseSnapshot(plan.mart, plan.mart);
  const common = plan.columns.filter((column) => built?.columns.includes(column) ?? true);
  const key = plan.mart.key.every((column) => common.includes(column)) ? plan.mart.key : [];
  const served = built === undefined ? undefined : inStore(built.store);
  await judge(db, { served, computed: await computedView(db, plan, sides, new Set()), common, key });
  const counts = await db.query<{ side: Side | "same"; rows: string }>(
    "select side, count(*)::text as rows from judged group by side",
  );
  const count = (side: Side | "same"): number => Number(counts.find((row) => row.side === side)?.rows ?? 0);
  return {
    name,
    key,
    rows: { missing: count("missing"), unexpected: count("unexpected"), changed: count("changed"), same: count("same") },
    columns: await columnCounts(db),
    added: plan.columns.filter((column) => !common.includes(column)),
    removed: (built?.columns ?? []).filter((column) => !plan.columns.includes(column)),
    examples: await examples(db, plan.mart),
  };
}

type Judging = {
  readonly served: string | undefined;
  readonly computed: string;
  readonly common: readonly string[];
  readonly key: readonly string[];
};

// Rows meet by their key as JSON, in which values of any type, and nulls, are equal or not; rows of the same key meet in their order.
async function judge(db: Executor, { served, computed, common, key }: Judging): Promise<void> {
  const side = (name: string, relation: string): string => `
    select '${name}' as side, jsonb_build_array(${key.length === 0 ? "to_jsonb(rows)" : listed(key, "rows")}) as key, to_jsonb(rows) as row
    from (select ${listed(common)} from ${relation}) as rows`;
  const sides = [...(served === undefined ? [] : [side("served", served)]), side("computed", computed)];
  await db.query(`
    create temp table judged on commit drop as
    with sides as (${sides.join(" union all ")}),
    numbered as (select side, key, row, row_number() over (partition by side, key order by row) as n from sides),
    met as (
      select
        key,
        n,
        (array_agg(row) filter (where side = 'served'))[1] as served,
        (array_agg(row) filter (where side = 'computed'))[1] as computed
      from numbered
      group by key, n
    )
    select
      key,
      n,
      served,
      computed,
      case
        when served is null then 'missing'
        when computed is null then 'unexpected'
        when served = computed then 'same'
        else 'changed'
      end as side
    from met`);
}

async function columnCounts(db: Executor): Promise<Record<string, number>> {
  const rows = await db.query<{ name: string; rows: string }>(`
    select name, count(*)::text as rows
    from judged
    cross join lateral jsonb_object_keys(served) as name
    where side = 'changed' and served -> name is distinct from computed -> name
    group by name
    order by count(*) desc, name`);
  return Object.fromEntries(rows.map(({ name, rows: count }) => [name, Number(count)]));
}

async function examples(db: Executor, mart: Mart): Promise<RowExample[]> {
  const rows = await db.query<{ example: string }>(`
    with numbered as (
      select side, served, computed, row_number() over (partition by side order by key, n) as place from judged where side <> 'same'
    )
    select jsonb_build_object('side', side, 'served', served, 'computed', computed)::text as example
    from numbered
    where place <= 5
    order by side, place`);
  return rows.map((row) => {
    const { side, served, computed } = JSON.parse(row.example) as RowExample;
    return { side, served: masked(mart, served), computed: masked(mart, computed) };
  });
}

function masked({ sensitive = {} }: Mart, row: Row | null): Row | null {
  if (row === null) return null;
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, column in sensitive ? "(masked)" : value]));
}

/** Creates the view of what a mart's source gives, over views of what it stands on where that changes too; its name as SQL. */
async function computedView(db: Executor, plan: Planned, sides: Sides, made: Set<string>): Promise<string> {
  const view = `pg_temp.${quoted(`computed ${plan.name}`)}`;
  if (made.has(plan.name)) return view;
  made.add(plan.name);
  const places = new Map<string, string>();
  for (const name of plan.upstream) {
    const up = named(sides.planned, name);
    const changes = sides.changed.includes(up) || sides.broken.has(up.store);
    if (changes) refuseSnapshot(up.mart, plan.mart);
    places.set(name, changes ? await computedView(db, up, sides, made) : inStore(up.store));
  }
  const select = renameReadings(plan.select, (schema, relation) => (schema === "marts" ? places.get(relation) : undefined));
  await db.query(`create temp view ${quoted(`computed ${plan.name}`)} as ${select}`);
  return view;
}

function refuseSnapshot(snapshot: Mart, reader: Mart): void {
  if (snapshot.kind !== "snapshot") return;
  const what = snapshot === reader ? "is a snapshot" : `stands on the changed snapshot marts.${snapshot.name}`;
  throw new Invalid(
    `${fileOf(reader)}: the rows of marts.${reader.name} cannot be compared: it ${what}, whose past its SELECT does not give.`,
  );
}

function named(planned: readonly Planned[], name: string): Planned {
  const plan = planned.find((one) => one.name === name);
  if (plan === undefined) throw new Invalid(`There is no mart ${name}.`);
  return plan;
}
