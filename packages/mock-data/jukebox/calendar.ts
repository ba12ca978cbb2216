import { addMonths, dateOf, dayMs, instantOf } from "../instants.ts";
import { type Random, weightedIndex } from "../random.ts";

/** The fixed months of a world; never relative to today. Instants in epoch ms, the end excluded. */
export type Calendar = { readonly start: number; readonly end: number; readonly days: readonly Day[] };

/** One day and what moves with it: `sales` and `plays` are weights around 1; `progress` runs from 0 to 1 over the calendar. */
export type Day = {
  readonly index: number;
  readonly start: number;
  readonly progress: number;
  readonly sales: number;
  readonly plays: number;
};

/** The calendar of the given number of months that ends with 30 September 2026. */
export function calendarOf(months: number): Calendar {
  const end = "2026-10-01";
  const [start, stop] = [instantOf(addMonths(end, -months)), instantOf(end)];
  const count = (stop - start) / dayMs;
  const days = Array.from({ length: count }, (_, index) => dayAt(index, start + index * dayMs, index / count));
  return { start, end: stop, days };
}

/** A picker of days in proportion to what is sold on them. */
export function salesDays(calendar: Calendar): (random: Random) => Day {
  const pick = weightedIndex(calendar.days.map((day) => day.sales));
  return (random) => calendar.days[pick(random.next())] as Day;
}

/** An instant of a day within office hours, in whole seconds. */
export function officeHours(day: Day, random: Random): number {
  return day.start + random.int(8 * 3600, 18 * 3600) * 1000;
}

function dayAt(index: number, start: number, progress: number): Day {
  const month = Number(dateOf(start).slice(5, 7)) - 1;
  const weekday = (Math.floor(start / dayMs) + 4) % 7;
  const sales = (1 + 1.5 * progress) * (salesByMonth[month] as number) * (salesByWeekday[weekday] as number);
  return { index, start, progress, sales, plays: (playsByMonth[month] as number) * (playsByWeekday[weekday] as number) };
}

const salesByMonth = [0.75, 0.8, 0.95, 1, 1.1, 1.1, 0.9, 0.75, 0.95, 1.1, 1.3, 1.5];
const playsByMonth = [0.85, 0.85, 0.9, 0.95, 1.05, 1.15, 1.25, 1.2, 1, 0.95, 0.95, 1.3];
/** From Sunday on. */
const salesByWeekday = [0.15, 1.2, 1.25, 1.2, 1.15, 1.1, 0.5];
const playsByWeekday = [0.9, 0.6, 0.65, 0.75, 1, 1.6, 1.7];
