import { describe, expect, test } from "vitest";
import { formatSql } from "./sql-format.ts";
import { lintSql } from "./sql-lint.ts";

async function rules(file: string, text: string): Promise<string[]> {
  return (await lintSql(file, text)).map(({ rule, line, column }) => `${rule} ${line}:${column}`);
}

async function formatted(text: string): Promise<string> {
  const result = await formatSql(text);
  if (!result.ok) throw new Error(result.reason);
  return result.text;
}

describe("lint", () => {
  test("a syntax error names line and column, counted in characters", async () => {
    const [issue] = await lintSql("db/seeds/x.sql", "select 1;\nselect 'é', 1 one two;");
    expect(issue).toMatchObject({ line: 2, column: 19, rule: "syntax", message: 'syntax error at or near "two"' });
  });

  test.each([
    ["timestamp", "types 1:19"],
    ["timestamp(3) without time zone", "types 1:19"],
    ["real", "types 1:19"],
    ["float", "types 1:19"],
    ["double precision[]", "types 1:19"],
    ["money", "types 1:19"],
  ])("a column of type %s is refused", async (type, issue) => {
    expect(await rules("db/migrations/1_x.sql", `create table x (a ${type})`)).toEqual([issue]);
  });

  test.each(["timestamptz", "timestamp with time zone", "numeric(20, 6)", "date", "text"])(
    "a column of type %s stands",
    async (type) => {
      expect(await rules("db/migrations/1_x.sql", `create table x (a ${type} not null default null)`)).toEqual([]);
    },
  );

  test("a cast and a function's argument are types too, and a column may be named like one", async () => {
    expect(await rules("db/seeds/x.sql", "select é, a::float8 from x")).toEqual(["types 1:14"]);
    expect(await rules("db/seeds/x.sql", "create function f(a real) returns int language sql return 1")).toEqual(["types 1:21"]);
    expect(await rules("db/seeds/x.sql", "select money, x.real from x")).toEqual([]);
  });

  test("select * stands only in the outermost select of a mart", async () => {
    const mart = "-- One row per agent.\nwith final as (select a from x) select * from final";
    expect(await rules("packages/music/marts/fct_plays.sql", mart)).toEqual([]);
    expect(await rules("packages/music/checks/a_rule.sql", mart)).toEqual(["select-star 2:40"]);
    expect(await rules("packages/music/marts/x.sql", "-- Rule.\nwith a as (select x.* from x) select a from a")).toEqual([
      "select-star 2:19",
    ]);
    expect(await rules("db/seeds/x.sql", "insert into a (b) select b from a union all select * from c")).toEqual([
      "select-star 1:52",
    ]);
    expect(await rules("db/seeds/x.sql", "select count(*), to_jsonb(x.*) from x")).toEqual([]);
  });

  test.each([
    "create table x (a int primary key)",
    "create table x (a int unique)",
    "create table x (a int references y (a))",
    "create table x (a int check (a > 0))",
    "create table x (a int, primary key (a))",
    "create table x (a int, b tstzrange, exclude using gist (a with =, b with &&))",
    "alter table x add foreign key (a) references y (a)",
    "create domain x as int check (value > 0)",
  ])("a constraint without a name is refused: %s", async (sql) => {
    expect((await lintSql("db/migrations/1_x.sql", sql)).map(({ rule }) => rule)).toEqual(["constraint-name"]);
    expect(await lintSql("packages/music/queries/x.sql", sql)).toEqual([]);
  });

  test("named constraints stand, on a column and on the table", async () => {
    const sql = `create table x (
      a int constraint x_pkey primary key, b int not null default 1, c int generated always as identity,
      constraint x_b_positive check (b > 0), constraint x_b_key unique (b))`;
    expect(await lintSql("db/migrations/1_x.sql", sql)).toEqual([]);
  });

  test("a mart says its rule first and is one select", async () => {
    expect(await rules("packages/music/marts/x.sql", "select 1 as a")).toEqual(["mart-header 1:1"]);
    expect(await rules("packages/music/marts/x.sql", "-- sql-format: off a table\n-- Rule.\nselect 1 as a")).toEqual([]);
    expect(await rules("packages/music/checks/x.sql", "select 1 as a; delete from x")).toEqual(["one-select 1:1"]);
  });
});

describe("format", () => {
  test("keywords, types and functions are lower case, one clause a line", async () => {
    expect(await formatted("SELECT a, SUM(b)::NUMERIC(20,6) AS b FROM x WHERE c GROUP BY a;")).toBe(
      "select\n  a,\n  sum(b)::numeric(20, 6) as b\nfrom\n  x\nwhere\n  c\ngroup by\n  a;\n",
    );
  });

  test.each([
    [
      "a merge that returns old and new",
      "merge into t using s on t.a = s.a when matched and t.b <> s.b then update set b = s.b when not matched by source then delete when not matched then insert (a) values (s.a) returning merge_action(), old.b, new.b",
    ],
    [
      "a temporal key",
      "create table t (a int, b tstzrange, constraint t_pkey primary key (a, b without overlaps), constraint t_a_fkey foreign key (a, period b) references u (a, period b))",
    ],
    ["a partition", "create table t_1 partition of t for values from ('2024-01-01') to ('2025-01-01') partition by hash (id)"],
    [
      "a body between dollars",
      "create function f() returns trigger language plpgsql as $$\nBEGIN\n  -- why\n  RETURN  new;\nEND\n$$",
    ],
    [
      "a body without quotes",
      "create function f(a timestamptz) returns date language sql immutable begin atomic select (a at time zone 'UTC')::date; end",
    ],
    ["an exclusion", "create table t (a int, b tstzrange, constraint t_once exclude using gist (a with =, b with &&))"],
    [
      "a grant",
      "grant select, insert on all tables in schema marts to reader; alter default privileges in schema marts grant select on tables to reader",
    ],
    [
      "JSON and ranges",
      `select a ->> 'b', a #>> '{c,d}', a @? '$.x[*]', r @> '[1,2)'::int4range from t, jsonb_to_recordset($1) as u(x int) where a = any($2::text[])`,
    ],
  ])("%s keeps its meaning and is stable", async (_, sql) => {
    const once = await formatted(sql);
    expect(await formatted(once)).toBe(once);
  });

  test("each clause of a merge starts its line; a grant and a partition are one", async () => {
    const merge = await formatted(
      "merge into t using s on t.a = s.a when matched then delete when not matched then insert (a) values (s.a)",
    );
    expect(merge.match(/^when.*$/gm)).toEqual(["when matched then delete", "when not matched then insert (a)"]);
    expect(await formatted("grant select on x to y;")).toBe("grant select on x to y;\n");
    expect(await formatted("create table t_1 partition of t for values in ('a');")).toBe(
      "create table t_1 partition of t for values in ('a');\n",
    );
  });

  test("a file keeps its layout only with a reason", async () => {
    expect(await formatSql("-- sql-format: off a table of constants\nSELECT  1;")).toMatchObject({ ok: true });
    expect(await formatSql("-- sql-format: off\nSELECT  1;")).toMatchObject({ ok: false });
  });
});
