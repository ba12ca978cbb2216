import { Invalid } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
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
 * What the created definition really reads, from the server's own record of dependencies.
 * Throws Invalid, naming both ends, when `reads` declares what is not reached, when a rollup leaves out a table that it reaches through
 * a view, or asks to be marked by a view, which nobody writes to.
 */
export async function reachOf(db: Executor, planned: Planned, stores: ReadonlyMap<string, string>): Promise<Reached[]> {
  const rows = await db.query<{ schema: string; relation: string; kind: Reached["kind"] }>(reachable, [
    inStore(definitionOf(planned)),
  ]);
  const reached = rows.map(({ schema, relation, kind }) => {
    const mart = schema === "marts_store" ? stores.get(relation) : undefined;
    const said = Object.keys(planned.beside).find((live) => planned.beside[live] === schema) ?? schema;
    return { name: mart === undefined ? `${said}.${relation}` : `marts.${mart}`, relation: `${schema}.${relation}`, kind };
  });
  compare(planned, reached);
  return reached;
}

function compare({ mart, name }: Planned, reached: readonly Reached[]): void {
  const file = fileOf(mart);
  for (const declared of Object.keys(mart.reads)) {
    if (!reached.some((one) => one.name === declared))
      throw new Invalid(`${file}: marts.${name} declares ${declared}, which its SELECT does not read`);
  }
  if (mart.kind !== "rollup") return;
  for (const one of reached) {
    if (one.kind !== "view" && !(one.name in mart.reads)) {
      throw new Invalid(
        `${file}: marts.${name} reaches ${one.name} through a view; a rollup declares it in reads, with SQL or null`,
      );
    }
    if (one.kind === "view" && typeof mart.reads[one.name] === "string") {
      throw new Invalid(
        `${file}: nothing marks marts.${name} from the view ${one.name}; give null and declare what the view stands on`,
      );
    }
  }
}

const reachable = `
  with recursive reach (oid) as (
    select $1::regclass::oid
    union
    select depend.refobjid
    from reach
    join pg_class as view on view.oid = reach.oid and view.relkind = 'v'
    join pg_rewrite as rewrite on rewrite.ev_class = view.oid
    join pg_depend as depend on depend.classid = 'pg_rewrite'::regclass and depend.objid = rewrite.oid
    where depend.refclassid = 'pg_class'::regclass
  )
  select
    namespace.nspname::text as schema,
    class.relname::text as relation,
    case class.relkind when 'v' then 'view' when 'm' then 'materialized' else 'table' end as kind
  from reach
  join pg_class as class on class.oid = reach.oid
  join pg_namespace as namespace on namespace.oid = class.relnamespace
  where class.oid <> $1::regclass
    and class.relkind in ('r', 'p', 'f', 'v', 'm')
  order by 1, 2`;
