-- Up Migration
create table marts_store.mart_text (
  store text not null,
  parts jsonb not null,
  words jsonb not null,
  constraint mart_text_pkey primary key (store)
);

comment on table marts_store.mart_text is 'What each store was built from, as its author wrote it: the server keeps a SELECT only in words of its own.';

comment on column marts_store.mart_text.parts is 'What the hash is made of: the SELECT, kind, columns, keys, reads, and what lay beneath.';

comment on column marts_store.mart_text.words is 'What is said of the mart and its columns.';

-- Down Migration
drop table marts_store.mart_text;
