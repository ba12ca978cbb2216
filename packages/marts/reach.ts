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
 * the relation, when `reads` declares what is not reached, leaves out a table or a mart that a view hides (for a rollup, also one that a
 * mart beneath hides: nothing else would mark it), or asks to be marked by a view, which nobody writes to.
 */
export async function reachOf(db: Executor, planned: Planned, stores: ReadonlyMap<string, string>): Promise<Reached[]> {
  const rows = await db.query<Row>(reachable, [inStore(definitionOf(planned))]);
  const name = (schema: string, relation: string): string => {
    const mart = schema === "marts_store" ? stores.get(relation) : undefined;
    const said = Object.keys(planned.beside).find((live) => planned.beside[live] === schema) ?? schema;
    return mart === undefined ? `${said}.${relation}` : `marts.${mart}`;
  };
  const reached = rows.map(({ schema, relation, kind, via_schema, via, is_own }) => ({
    name: name(schema, relation),
    relation: `${schema}.${relation}`,
    kind,
    through: via_schema === null || via === null ? undefined : name(via_schema, via),
    isOwn: is_own,
  }));
  compare(planned, reached);
  return [...new Map(reached.map((one) => [one.relation, one])).values()];
}

type Row = Pick<Reached, "relation" | "kind"> & {
  readonly schema: string;
  readonly via_schema: string | null;
  readonly via: string | null;
  readonly is_own: boolean;
};

/** One way to a relation: through which view, if any; `isOwn` unless a mart stands between. */
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
  const reads = `${fileOf(mart)}: marts.${mart.name} reads ${name}${through === undefined ? "" : ` through the view ${through}`}`;
  const next = mart.kind === "rollup" ? "a rollup declares it in reads, with SQL or null" : "declare it in reads, with null";
  return new Invalid(`${reads}, which its reads do not declare; ${next}`);
}

const reachable = `
  with recursive reach (oid, via, is_own) as (
    select $1::regclass::oid, null::oid, true
    union
    select
      depend.refobjid,
      nullif(view.oid, $1::regclass),
      reach.is_own and (view.oid = $1::regclass or view.relnamespace <> 'marts_store'::regnamespace)
    from reach
    join pg_class as view on view.oid = reach.oid and view.relkind = 'v'
    join pg_rewrite as rewrite on rewrite.ev_class = view.oid
    join pg_depend as depend on depend.classid = 'pg_rewrite'::regclass and depend.objid = rewrite.oid
    where depend.refclassid = 'pg_class'::regclass and depend.refobjid <> view.oid
  )
  select
    namespace.nspname::text as schema,
    class.relname::text as relation,
    case class.relkind when 'v' then 'view' when 'm' then 'materialized' else 'table' end as kind,
    via.relnamespace::regnamespace::text as via_schema,
    via.relname::text as via,
    reach.is_own
  from reach
  join pg_class as class on class.oid = reach.oid
  join pg_namespace as namespace on namespace.oid = class.relnamespace
  left join pg_class as via on via.oid = reach.via
  where class.oid <> $1::regclass
    and class.relkind in ('r', 'p', 'f', 'v', 'm')
  order by 1, 2, via.relname nulls first`;
