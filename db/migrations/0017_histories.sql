-- Up Migration
-- No GiST index: a join that looks rows up in one, one by one, while its first page splits makes Postgres 18 forget living rows.
-- Where one did, rows stand twice: one of them goes here, what else is wrong with them a rebuild puts right.
alter table sales.customer_history
drop constraint customer_history_pkey,
add constraint customer_history_begins check (
  not lower_inf(valid)
  and not isempty(valid)
);

delete from sales.customer_history as one using sales.customer_history as other
where
  (one.customer_key, lower(one.valid)) = (other.customer_key, lower(other.valid))
  and one.ctid < other.ctid;

create unique index customer_history_key on sales.customer_history (customer_key, lower(valid));

alter table sales.price_history
drop constraint price_history_pkey,
add constraint price_history_begins check (
  not lower_inf(valid)
  and not isempty(valid)
);

delete from sales.price_history as one using sales.price_history as other
where
  (one.product_key, one.kind, one.currency, lower(one.valid)) = (other.product_key, other.kind, other.currency, lower(other.valid))
  and one.ctid < other.ctid;

create unique index price_history_key on sales.price_history (product_key, kind, currency, lower(valid));

-- Down Migration
drop index sales.price_history_key;

alter table sales.price_history
drop constraint price_history_begins,
add constraint price_history_pkey primary key (product_key, kind, currency, valid without overlaps);

drop index sales.customer_history_key;

alter table sales.customer_history
drop constraint customer_history_begins,
add constraint customer_history_pkey primary key (customer_key, valid without overlaps);
