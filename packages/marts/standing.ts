import { Conflict } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import { literal, quoted } from "./quote.ts";

/** A view that people have put on a mart: all that it takes to make it again. */
type OnTop = {
  readonly view: string;
  readonly definition: string;
  readonly owner: string;
  readonly options: readonly string[];
  readonly comment: string | null;
};

type Grant = { readonly relation: string; readonly grantee: string; readonly privilege: string; readonly grantable: boolean };

/** What a view that has to be dropped would take along: who may read it, and the views on it with who may read these. */
export type Standing = { readonly onTop: readonly OnTop[]; readonly grants: readonly Grant[] };

/** Nothing to be put up again. */
export const nothingStanding: Standing = { onTop: [], grants: [] };

/**
 * Notes what stands on a view and who may read it, and drops the views on top, the highest first, so that it can be dropped itself.
 * Anything else that stands there (a materialized view, a function) is left, and stops the drop.
 */
export async function takeDown(db: Executor, view: string): Promise<Standing> {
  const [known] = await db.query<{ known: boolean }>("select to_regclass($1) is not null as known", [quoted(view)]);
  if (known?.known !== true) return nothingStanding;
  const onTop = await db.query<OnTop & { options: string }>(viewsOnTop, [quoted(view)]);
  const grants = await db.query<Grant>(grantsOn, [[quoted(view), ...onTop.map((one) => one.view)]]);
  for (const { view: name } of onTop.toReversed()) await db.query(`drop view ${name}`);
  return { onTop: onTop.map((one) => ({ ...one, options: JSON.parse(one.options) as string[] })), grants };
}

/** Makes the views again and grants what was granted. Throws Conflict, naming the view, when one of them does not fit the new columns. */
export async function putUp(db: Executor, { onTop, grants }: Standing, mart: string): Promise<void> {
  for (const { view, definition, owner, options, comment } of onTop) {
    const withOptions = options.length === 0 ? "" : `with (${options.join(", ")})`;
    try {
      await db.query(`create view ${view} ${withOptions} as ${definition}`);
    } catch (cause) {
      throw new Conflict(
        `The view ${view} stands on ${mart}, whose columns change, and does not fit any more: ${(cause as Error).message}. Change or drop that view first.`,
        { cause },
      );
    }
    await db.query(`alter view ${view} owner to ${owner}`);
    if (comment !== null) await db.query(`comment on view ${view} is ${literal(comment)}`);
  }
  for (const { relation, grantee, privilege, grantable } of grants) {
    await db.query(`grant ${privilege} on ${relation} to ${grantee}${grantable ? " with grant option" : ""}`);
  }
}

// The lowest first. Only views: `drop view` of what something else stands on is refused by the server, with its name.
const viewsOnTop = `
  with recursive above (oid, level) as (
    select $1::regclass::oid, 0
    union
    select rewrite.ev_class, above.level + 1
    from above
    join pg_depend as depend on depend.refobjid = above.oid and depend.refclassid = 'pg_class'::regclass
    join pg_rewrite as rewrite on rewrite.oid = depend.objid and depend.classid = 'pg_rewrite'::regclass
    where rewrite.ev_class <> above.oid
  )
  select
    class.oid::regclass::text as view,
    rtrim(pg_get_viewdef(class.oid), ';') as definition,
    quote_ident(pg_get_userbyid(class.relowner)) as owner,
    to_json(coalesce(class.reloptions, '{}'))::text as options,
    obj_description(class.oid, 'pg_class') as comment
  from above
  join pg_class as class on class.oid = above.oid and class.relkind = 'v'
  where above.level > 0
  group by class.oid
  order by max(above.level), class.oid`;

const grantsOn = `
  select
    class.oid::regclass::text as relation,
    case grant_.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grant_.grantee)) end as grantee,
    grant_.privilege_type as privilege,
    grant_.is_grantable as grantable
  from unnest($1::text[]) as named (name)
  join pg_class as class on class.oid = named.name::regclass
  cross join lateral aclexplode(class.relacl) as grant_
  where grant_.grantee <> class.relowner`;
