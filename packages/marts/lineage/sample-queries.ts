/**
 * Queries over the sample shop and what is told of their columns, for this package's own tests. Each block: what is tried; the query; a line
 * per column (`=`: unchanged); after `?` the columns that choose the rows.
 */
export const sampleQueries: readonly { readonly tries: string; readonly query: string; readonly told: readonly string[] }[] = `
as it is, renamed, computed and constant
  select kind as a, label || kind as b, 1 as c from shop.kind
  a: =kind.kind
  b: kind.kind kind.label
  c:
  ?

through a star
  select k.*, k.kind is null as n from shop.kind k
  kind: =kind.kind
  label: =kind.label
  parent: =kind.parent
  n: kind.kind
  ?

in a whole row
  select to_jsonb(k) as row from shop.kind k
  row: kind.kind kind.label kind.parent
  ?

where, group by, having
  select kind, count(*) as n, sum(length(label)) as l from shop.kind where parent = 'x' group by kind having max(label) > 'a'
  kind: =kind.kind
  n:
  l: kind.label
  ? kind.kind kind.label kind.parent

an order counts only with a limit
  select kind from shop.kind order by label
  kind: =kind.kind
  ?

an order with a limit
  select kind from shop.kind order by label limit 1
  kind: =kind.kind
  ? kind.label

distinct
  select distinct kind, label from shop.kind
  kind: =kind.kind
  label: =kind.label
  ? kind.kind kind.label

distinct on
  select distinct on (kind) kind, label from shop.kind order by kind, parent
  kind: =kind.kind
  label: =kind.label
  ? kind.kind kind.label kind.parent

a join on
  select p.kind, s.amount from shop.sale s left join shop.product p on p.product_id = s.product_id
  kind: =product.kind
  amount: =sale.amount
  ? product.product_id sale.product_id

a join using, the merged column from the left
  select product_id, kind from shop.sale join shop.product using (product_id)
  product_id: =sale.product_id
  kind: =product.kind
  ? product.product_id sale.product_id

a right join using
  select product_id from shop.sale right join shop.product using (product_id)
  product_id: =product.product_id
  ? product.product_id sale.product_id

a full join using
  select product_id from shop.sale full join shop.product using (product_id)
  product_id: product.product_id sale.product_id
  ? product.product_id sale.product_id

a natural join of three
  select kind, label, amount from shop.sale natural join shop.product natural join shop.kind
  kind: =product.kind
  label: =kind.label
  amount: =sale.amount
  ? kind.kind product.kind product.product_id sale.product_id

a join with a name and new names of columns
  select j.b, j.d from (shop.product join shop.kind using (kind)) as j (a, b, c, d)
  b: =product.product_id
  d: =kind.parent
  ? kind.kind product.kind

a table twice
  select a.kind, b.label from shop.kind a join shop.kind b on b.kind = a.parent
  kind: =kind.kind
  label: =kind.label
  ? kind.kind kind.parent

WITH, one on another, and one that nobody reads
  with a as (select kind, upper(label) as l from shop.kind where parent is null), b as (select l || '!' as m, kind from a), c as (select sale_id from shop.sale) select m, kind from b
  m: kind.label
  kind: =kind.kind
  ? kind.parent

WITH RECURSIVE
  with recursive up (kind, top, path) as (select kind, parent, kind from shop.kind where label is null union all select up.kind, k.parent, up.path || k.label from up join shop.kind k on k.kind = up.top) select * from up
  kind: =kind.kind
  top: =kind.parent
  path: kind.kind kind.label
  ? kind.kind kind.label kind.parent

a union of all
  select kind from shop.kind union all select coalesce(kind, '') from shop.product
  kind: =kind.kind product.kind
  ?

a union compares
  select kind from shop.kind union select kind from shop.product
  kind: =kind.kind =product.kind
  ? kind.kind product.kind

except takes its values from the left
  select kind from shop.kind except select kind from shop.product
  kind: =kind.kind
  ? kind.kind product.kind

a subquery in FROM
  select x.k, x.n from (select kind as k, count(*) as n from shop.product group by kind) x
  k: =product.kind
  n:
  ? product.kind

lateral
  select k.kind, l.best from shop.kind k cross join lateral (select max(p.product_id) as best from shop.product p where p.kind = k.kind) l
  kind: =kind.kind
  best: product.product_id
  ? kind.kind product.kind

a function in FROM, its columns made of what it is given
  select s.sale_id, g.n, o from shop.sale s cross join lateral generate_series(1, s.product_id) with ordinality as g (n, o)
  sale_id: =sale.sale_id
  n: sale.product_id
  o: sale.product_id
  ? sale.product_id

a function in the target list that gives rows
  select sale_id, generate_series(1, product_id) as n from shop.sale
  sale_id: =sale.sale_id
  n: sale.product_id
  ? sale.product_id

values
  select v.b from (values (1, 'x'), (2, 'y')) as v (a, b) join shop.sale on sale_id = v.a
  b:
  ? sale.sale_id

lateral values
  select v.a from shop.product p cross join lateral (values (p.kind), (null)) as v (a)
  a: =product.kind
  ?

a window, and one with a name
  select sum(amount) over (partition by product_id) as a, rank() over w as b from shop.sale window w as (order by sold_at)
  a: sale.amount sale.product_id
  b: sale.sold_at
  ?

a filter and an order inside an aggregate
  select count(*) filter (where kind = 'x') as a, string_agg(label, ',' order by parent) as b from shop.kind
  a: kind.kind
  b: kind.label kind.parent
  ?

case
  select case when kind = 'x' then label end as a from shop.kind
  a: kind.kind kind.label
  ?

a scalar subquery
  select (select max(k.label) from shop.kind k where k.kind = p.kind) as a from shop.product p
  a: kind.label
  ? kind.kind product.kind

exists
  select product_id from shop.product p where exists (select from shop.kind k where k.kind = p.kind)
  product_id: =product.product_id
  ? kind.kind product.kind

in
  select product_id in (select product_id from shop.sale) as a from shop.product
  a: product.product_id sale.product_id
  ?

a sample
  select kind from shop.kind tablesample system (100) repeatable (7)
  kind: =kind.kind
  ?

grouping sets
  select kind, label from shop.kind group by grouping sets ((kind), (label))
  kind: =kind.kind
  label: =kind.label
  ? kind.kind kind.label

names of one's own
  select "My ""k" as "A.b" from (select kind as "My ""k" from shop.kind) q
  A.b: =kind.kind
  ?
`
  .trim()
  .split("\n\n")
  .map((block) => {
    const [tries = "", query = "", ...told] = block.split("\n").map((line) => line.trim());
    return { tries, query, told };
  });
