import type { Anomaly, MartTest } from "@jukebase/platform/mart-test.ts";
import { listed, quoted } from "../quote.ts";
import { bracketed, instant } from "./sql-text.ts";
import { anomalySettings } from "./test-names.ts";

/** What a day's rows are summed up to. */
export type AnomalyTest = Extract<MartTest, Anomaly>;

/**
 * The newest complete business day against the days before it (or those of the same weekday): a row when its figure lies further from
 * their mean than so many of their standard deviations. Where they are all alike, any difference is far. Days before the mart's first
 * are no days; a day in between without rows has 0 rows, a sum of 0 and 0 different values, and no mean, share, least or greatest.
 */
export function compileAnomaly(mart: string, relation: string, test: AnomalyTest, reference: Date | undefined): string {
  const { days, sigmas, points, direction } = anomalySettings(test);
  const step = test.seasonality === "weekday" ? 7 : 1;
  const at = `platform.business_day(${listed([test.at], quoted(mart))})`;
  const where = test.where === undefined ? "" : `${bracketed(test.where)} and `;
  const earliest = `(select day - ${days * step} from judged)`;
  const figure = isZeroWithoutRows(test) ? "coalesce(figures.figure, 0)" : "figures.figure";
  return `with
  -- The current day is not over, so nothing can be said of it.
  judged as (
    select platform.business_day(${instant(reference)}) - 1 as day
  ),
  figures as (
    select ${at} as day, ${figureOf(mart, test)}::numeric as figure
    from ${relation}
    where ${where}${at} between ${earliest} and (select day from judged)
    group by 1
  ),
  days as (
    select judged.day - ${step} * back.days as day, back.days = 0 as judged, ${figure} as figure
    from judged
    cross join generate_series(0, ${days}) as back (days)
    left join figures on figures.day = judged.day - ${step} * back.days
    where judged.day - ${step} * back.days >= (select min(day) from figures)
      or exists (
        select from ${relation} where ${where}${at} < ${earliest}
      )
  ),
  compared as (
    select
      max(day) filter (where judged) as day,
      max(figure) filter (where judged) as figure,
      avg(figure) filter (where not judged) as mean,
      stddev_samp(figure) filter (where not judged) as deviation,
      count(figure) filter (where not judged) as points
    from days
  )
select
  day,
  trim_scale(figure) as figure,
  trim_scale(round(mean, 4)) as mean,
  trim_scale(round(deviation, 4)) as deviation,
  points
from compared
where points >= ${points} and ${far(direction, sigmas)}`;
}

function figureOf(mart: string, test: AnomalyTest): string {
  if (test.test === "volume_anomaly") return "count(*)";
  const column = listed([test.column], quoted(mart));
  switch (test.measure) {
    case "null_share":
      return `avg(case when ${column} is null then 1 else 0 end)`;
    case "zero_share":
      return `avg(case when ${column} = 0 then 1 else 0 end)`;
    case "distinct":
      return `count(distinct ${column})`;
    case "mean":
      return `avg(${column})`;
    default:
      return `${test.measure}(${column})`;
  }
}

function isZeroWithoutRows(test: AnomalyTest): boolean {
  return test.test === "volume_anomaly" || test.measure === "sum" || test.measure === "distinct";
}

function far(direction: "both" | "spike" | "drop", sigmas: number): string {
  const spike = `figure > mean + ${sigmas} * deviation`;
  const drop = `figure < mean - ${sigmas} * deviation`;
  return direction === "both" ? `(${spike} or ${drop})` : direction === "spike" ? spike : drop;
}
