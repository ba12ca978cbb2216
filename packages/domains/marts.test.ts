import { columnsOf, martStatus } from "@jukebase/marts";
import { martRuleBreaks } from "@jukebase/marts/bi/rules.ts";
import { columnsIn } from "@jukebase/marts/store.ts";
import { pgExecutor } from "@jukebase/platform";
import { describe, expect, test } from "vitest";
import { catchUp } from "./catch-up.ts";
import { testInstallation } from "./installation.testing.ts";
import { allocation, customer, location, payment, plays, purchase } from "./sent.testing.ts";

const { open, take, rows, empty } = testInstallation();

const place = [customer("c"), location("l", "c")];

describe("every mart", () => {
  test("keeps the rules for names, types and money", async () => {
    const db = pgExecutor(open().database.pg);
    const words = await rows("select word from pg_get_keywords() where catcode = 'R'");
    const reserved = new Set(words.map(({ word }) => String(word)));
    for (const mart of open().marts) expect(martRuleBreaks(mart, await columnsIn(db, "marts", mart.name), reserved)).toEqual([]);
  });

  test("and its freshness are described", async () => {
    const described = await rows(
      `select attname
       from pg_attribute
       where attrelid = 'marts.mart_freshness'::regclass and attnum > 0 and col_description(attrelid, attnum) is null`,
    );
    expect(described).toEqual([]);
    expect(open().marts.flatMap((mart) => columnsOf(mart).filter(({ description }) => description === ""))).toEqual([]);
  });
});

describe("dim_dates and metric_daily_cash", () => {
  test("are empty where nothing has happened", async () => {
    await empty();
    expect(await rows("select from marts.dim_dates")).toEqual([]);
    expect(await rows("select from marts.metric_daily_cash")).toEqual([]);
  });

  test("have every day once: of the years with a fact and the one after; of each currency's cash, with the debt carried over", async () => {
    await take([
      ...place,
      purchase("d", "2025-01-01T10:00:00Z"),
      allocation("d", "l", "2025-01-03T10:00:00Z"),
      payment("p", 30, "2025-01-06T10:00:00Z", { device: "d" }),
      payment("q", 5, "2025-01-02T10:00:00Z", { currency: "EUR" }),
      ...plays(1, "d", "2023-12-31T23:59:59Z"),
    ]);
    expect(await span()).toEqual({ days: 1461, different: 1461, first_day: "2023-01-01", last_day: "2026-12-31", length: 1461 });
    const days = await rows(
      `select concat_ws(' ', business_date, spent, expected, received, outstanding) as day
       from marts.metric_daily_cash
       where currency = 'USD'
       order by business_date`,
    );
    expect(days.map(({ day }) => day)).toEqual([
      "2025-01-01 60 0 0 0",
      "2025-01-02 0 0 0 0",
      "2025-01-03 0 100 0 100",
      "2025-01-04 0 0 0 100",
      "2025-01-05 0 0 0 100",
      "2025-01-06 0 0 30 70",
    ]);
    const [euros] = await rows(
      "select count(*)::int as days, sum(received)::text as received from marts.metric_daily_cash where currency = 'EUR'",
    );
    expect(euros).toEqual({ days: 6, received: "5" });
  });

  test("reach to planned instalments, and hold the day of every business date of every mart", async () => {
    const terms = { instalments: 2, interval: "year", first_due: "2026-02-01" };
    await take([
      allocation("e", "l", "2024-12-31T23:30:00Z", { terms }),
      payment("r", 40, "2025-12-31T23:30:00Z", { device: "e" }),
      purchase("e", "2022-12-31T23:30:00Z"),
    ]);
    expect(await span()).toMatchObject({ days: 2557, first_day: "2022-01-01", last_day: "2028-12-31", length: 2557 });
    const db = pgExecutor(open().database.pg);
    for (const { name } of open().marts.filter((mart) => mart.name !== "dim_dates")) {
      for (const { name: column, type } of await columnsIn(db, "marts", name)) {
        if (type !== "date" || !/(_on|_date)$|^month$/.test(column)) continue;
        const lost = await rows(
          `select ${column}::text
           from marts.${name}
           where ${column} is not null and ${column} not in (select calendar_date from marts.dim_dates)`,
        );
        expect([name, column, lost]).toEqual([name, column, []]);
      }
    }
  });
});

describe("mart_freshness", () => {
  test("says of every mart what jukebase marts list says, and when the events up to there were received", async () => {
    const known = await martStatus(pgExecutor(open().database.pg));
    const told = await rows("select mart, exact_at_batches, exact_at_batch, data_as_of_at, is_stale from marts.mart_freshness");
    const byName = new Map(told.map((row) => [row.mart, row]));
    for (const { name, positions, stale } of known)
      expect([name, byName.get(name)]).toMatchObject([name, { exact_at_batches: positions, is_stale: stale }]);
    expect(told).toHaveLength(open().marts.length);
    const [last] = await rows("select max(seq) as seq from events.batch");
    expect(byName.get("fct_payments")).toMatchObject({ exact_at_batch: last?.seq, data_as_of_at: "2026-01-01T00:00:00Z" });
    expect(byName.get("dim_agent_reward_rules")).toMatchObject({
      exact_at_batches: {},
      exact_at_batch: null,
      data_as_of_at: null,
    });
  });

  test("tells a view at what its tables hold now, and a kept mart that lags behind as stale", async () => {
    const [before] = await rows("select seq from events.checkpoint where projection = 'sales' and generation = 1");
    await rows("update events.checkpoint set seq = 0 where projection = 'sales'");
    await rows(`update marts_store.mart set positions = '{"sales": 0}' where name = 'fct_payments'`);
    const lag = async () =>
      rows(
        "select mart, exact_at_batch, is_stale from marts.mart_freshness where mart in ('dim_customers', 'fct_payments') order by 1",
      );
    expect(await lag()).toEqual([
      { mart: "dim_customers", exact_at_batch: 0, is_stale: true },
      { mart: "fct_payments", exact_at_batch: 0, is_stale: true },
    ]);
    await rows("update events.checkpoint set seq = $1 where projection = 'sales'", [before?.seq]);
    await catchUp(open());
    expect(await lag()).toMatchObject([{ is_stale: false }, { is_stale: false }]);
  });
});

async function span(): Promise<unknown> {
  const [days] = await rows(
    `select
       count(*)::int as days, count(distinct calendar_date)::int as different, min(calendar_date)::text as first_day,
       max(calendar_date)::text as last_day, (max(calendar_date) - min(calendar_date) + 1) as length
     from marts.dim_dates`,
  );
  return days;
}
