import type { Executor } from "@jukebase/platform/executor.ts";
import type { Ground } from "./compile.ts";
import type { NamedTest } from "./named-test.ts";

/** Tests (by name) that need no look at the rows, because a constraint of the mart's table makes the server refuse what would fail. */
export async function guaranteed(db: Executor, tests: readonly NamedTest[], { where }: Ground): Promise<ReadonlySet<string>> {
  const marts = [...new Set(tests.flatMap(({ mart }) => mart ?? []))].filter((mart) => name.test(where(mart)));
  const rows = await db.query<{ mart: string; columns: string; kind: "unique" | "not_null" }>(constraints, [
    marts,
    marts.map(where),
  ]);
  const constrained = new Set(rows.map(({ mart, columns, kind }) => `${kind} ${mart} ${columns}`));
  const holds = ({ mart, test }: NamedTest): boolean => {
    if (test.test === "unique") return constrained.has(`unique ${mart} ${[...test.columns].sort().join(", ")}`);
    return test.test === "not_null" && constrained.has(`not_null ${mart} ${test.column}`);
  };
  return new Set(tests.filter(holds).map(({ name }) => name));
}

// A mart may be tested over a subquery, too, which bears no constraint.
const name = /^"(?:[^"]|"")+"(?:\."(?:[^"]|"")+")?$/;

// A mart is a view; what it shows stands in its store, which bears the constraints. Without the view nothing is guaranteed.
const constraints = `
  with
    store as (
      select asked.mart, coalesce(to_regclass('marts_store.' || quote_ident(mart.store)), class.oid) as oid
      from unnest($1::text[], $2::text[]) as asked (mart, relation)
      join pg_class as class on class.oid = to_regclass(asked.relation)
      left join marts_store.mart
        on class.relkind = 'v' and mart.name = class.relname and to_regnamespace(mart.schema) = class.relnamespace
    ),
    key as (
      select store.mart, index.indexrelid, string_agg(attribute.attname, ', ' order by attribute.attname collate "C") as columns
      from store
      join pg_index as index on index.indrelid = store.oid
      join pg_attribute as attribute on attribute.attrelid = store.oid and attribute.attnum = any(index.indkey[0:index.indnkeyatts - 1])
      where index.indisunique and index.indisvalid and index.indimmediate and index.indpred is null and index.indexprs is null
      group by store.mart, index.indexrelid
    )
  select key.mart, key.columns, 'unique' as kind
  from key
  union all
  select store.mart, attribute.attname::text, 'not_null'
  from store
  join pg_attribute as attribute on attribute.attrelid = store.oid
  where attribute.attnotnull and attribute.attnum > 0 and not attribute.attisdropped`;
