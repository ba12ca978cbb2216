import { Invalid } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { fileOf } from "./define-mart.ts";
import { definitionOf, type Planned } from "./plan.ts";
import { inStore } from "./store.ts";

/** A relation that a mart's SELECT reaches, directly or through views. */
export type Reached = {
  /** As `reads` names it: `music.play`, `marts.fct_sales`. */
  readonly name: string;
  /** Where its rows are: `music.play`, `marts_store.fct_sales__1a2b3c4d`. */
  readonly relation: string;
  readonly kind: "table" | "view" | "materialized";
};

/**
 * What the created definition really reads, from the server's own record of dependencies. Throws Invalid, naming the mart, its file and
 * the relation, when `reads` declares what is not reached, leaves out a table or a mart that a view or a function hides (for a rollup, also
 * one that a mart beneath hides: nothing else would mark it), or asks to be marked by a view, which nobody writes to.
 */
export async function reachOf(db: Executor, planned: Planned, stores: ReadonlyMap<string, string>): Promise<Reached[]> {
  const rows = await db.query<Row>(reachable, [inStore(definitionOf(planned))]);
  const name = (schema: string, relation: string): string => {
    const mart = schema === "marts_store" ? stores.get(relation) : undefined;
    const said = Object.keys(planned.beside).find((live) => planned.beside[live] === schema) ?? schema;
    return mart === undefined ? `${said}.${relation}` : `marts.${mart}`;
  };
  const reached = rows.map(({ schema, relation, kind, via_schema, via, via_function, is_own }) => ({
    name: name(schema, relation),
    relation: `${schema}.${relation}`,
    kind,
    through: via_schema === null || via === null ? undefined : `${via_function ? "function" : "view"} ${name(via_schema, via)}`,
    isOwn: is_own,
  }));
  compare(planned, reached);
  await refuseOpaque(db, planned);
  return [...new Map(reached.map((one) => [one.relation, one])).values()];
}

type Row = Pick<Reached, "relation" | "kind"> & {
  readonly schema: string;
  readonly via_schema: string | null;
  readonly via: string | null;
  readonly via_function: boolean;
  readonly is_own: boolean;
};

/** One way to a relation: through which view or function, if any; `isOwn` unless a mart stands between. */
type Way = Reached & { readonly through: string | undefined; readonly isOwn: boolean };

function compare({ mart, name }: Planned, reached: readonly Way[]): void {
  const file = fileOf(mart);
  for (const declared of Object.keys(mart.reads)) {
    if (!reached.some((one) => one.name === declared))
      throw new Invalid(`${file}: marts.${name} declares ${declared}, which its SELECT does not read`);
  }
  for (const one of reached) {
    if (!(one.name in mart.reads) && isNeeded(mart, one)) throw hidden(mart, one);
    if (mart.kind === "rollup" && one.kind === "view" && typeof mart.reads[one.name] === "string") {
      throw new Invalid(
        `${file}: nothing marks marts.${name} from the view ${one.name}; give null and declare what the view stands on`,
      );
    }
  }
}

// A view's own tables count, and marts that it reads; what a mart beneath reads is that mart's affair, unless marks depend on it.
function isNeeded({ kind }: Mart, way: Way): boolean {
  if (way.isOwn) return way.kind !== "view" || way.name.startsWith("marts.");
  return kind === "rollup" && way.kind !== "view";
}

function hidden(mart: Mart, { name, through }: Way): Invalid {
  const reads = `${fileOf(mart)}: marts.${mart.name} reads ${name}${through === undefined ? "" : ` through the ${through}`}`;
  const next = mart.kind === "rollup" ? "a rollup declares it in reads, with SQL or null" : "declare it in reads, with null";
  return new Invalid(`${reads}, which its reads do not declare; ${next}`);
}

// What such a body reads, nobody sees: no order could follow it, and no write to it would leave a mark.
async function refuseOpaque(db: Executor, planned: Planned): Promise<void> {
  const [opaque] = await db.query<{ name: string }>(opaqueFunctions, [inStore(definitionOf(planned))]);
  if (opaque === undefined) return;
  throw new Invalid(
    `${fileOf(planned.mart)}: marts.${planned.name} calls ${opaque.name}, whose body hides what it reads; give the function a body that the ` +
      "server reads (begin atomic …), or write it into the SELECT",
  );
}

// From a view to what its rule names, from a function to what its body names where the server reads that (begin atomic, return).
const reach = `
  with recursive reach (class, oid, via_class, via, is_own) as (
    select 'pg_class'::regclass::oid, $1::regclass::oid, null::oid, null::oid, true
    union
    select
      found.class,
      found.oid,
      case when reach.oid <> $1::regclass then reach.class end,
      nullif(reach.oid, $1::regclass),
      reach.is_own and (reach.oid = $1::regclass or found.is_foreign)
    from reach
    cross join lateral (
      select depend.refclassid as class, depend.refobjid as oid, view.relnamespace <> 'marts_store'::regnamespace as is_foreign
      from pg_class as view
      join pg_rewrite as rewrite on rewrite.ev_class = view.oid
      join pg_depend as depend on depend.classid = 'pg_rewrite'::regclass and depend.objid = rewrite.oid
      where reach.class = 'pg_class'::regclass and view.oid = reach.oid and view.relkind = 'v'
      union all
      select depend.refclassid, depend.refobjid, true
      from pg_depend as depend
      where reach.class = 'pg_proc'::regclass and depend.classid = 'pg_proc'::regclass and depend.objid = reach.oid
    ) as found
    where found.class in ('pg_class'::regclass, 'pg_proc'::regclass) and found.oid <> reach.oid
  )`;

const reachable = `${reach}
  select
    namespace.nspname::text as schema,
    class.relname::text as relation,
    case class.relkind when 'v' then 'view' when 'm' then 'materialized' else 'table' end as kind,
    coalesce(via.relnamespace, proc.pronamespace)::regnamespace::text as via_schema,
    coalesce(via.relname, proc.proname)::text as via,
    proc.oid is not null as via_function,
    reach.is_own
  from reach
  join pg_class as class on class.oid = reach.oid and reach.class = 'pg_class'::regclass
  join pg_namespace as namespace on namespace.oid = class.relnamespace
  left join pg_class as via on via.oid = reach.via and reach.via_class = 'pg_class'::regclass
  left join pg_proc as proc on proc.oid = reach.via and reach.via_class = 'pg_proc'::regclass
  where class.oid <> $1::regclass
    and class.relkind in ('r', 'p', 'f', 'v', 'm')
  order by 1, 2, 5 nulls first`;

const opaqueFunctions = `${reach}
  select distinct proc.oid::regprocedure::text as name
  from reach
  join pg_proc as proc on proc.oid = reach.oid and reach.class = 'pg_proc'::regclass
  join pg_language as language on language.oid = proc.prolang
  where reach.is_own
    and language.lanname not in ('internal', 'c')
    and proc.prosqlbody is null
    and proc.provolatile <> 'i'
  order by 1`;
