import { Invalid } from "@jukebase/platform/errors.ts";

/** Times as cron writes them, five fields: which minutes, hours, days of the month, months and weekdays (0 is Sunday) are meant. */
export type Cron = {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  readonly weekdays: readonly number[];
  /** Where both days and weekdays are narrowed, one of them is enough. */
  readonly eitherDay: boolean;
};

/** Reads five fields of numbers, `*`, `a-b`, `/step` and lists. Throws Invalid saying which field is wrong, or that no day is ever meant. */
export function parseCron(text: string): Cron {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5)
    throw new Invalid(`"${text}" is no time: write minute, hour, day, month and weekday, as in "30 4 * * 1-5"`);
  const [minutes = [], hours = [], days = [], months = [], weekdays = []] = fields.map((field, n) => numbersOf(text, field, n));
  const eitherDay = fields[2] !== "*" && fields[4] !== "*";
  const cron = { minutes, hours, days, months, weekdays: weekdays.map((day) => day % 7), eitherDay };
  if (dayFrom(cron, Temporal.PlainDate.from("2000-01-01"), 1) === undefined)
    throw new Invalid(`"${text}" is no time: no day of the year is meant`);
  return cron;
}

/** What is wrong with a text as such a time; undefined when nothing is. */
export function problemOfCron(text: string): string | undefined {
  try {
    parseCron(text);
    return undefined;
  } catch (problem) {
    if (problem instanceof Invalid) return problem.message;
    throw problem;
  }
}

/** The last time that is not after an instant, in a zone (IANA). */
export function lastTime(cron: Cron, instant: Temporal.Instant, zone: string): Temporal.Instant {
  return seek(cron, instant, zone, -1, (time) => Temporal.Instant.compare(time, instant) <= 0);
}

/** The first time after an instant. */
export function nextTime(cron: Cron, instant: Temporal.Instant, zone: string): Temporal.Instant {
  return seek(cron, instant, zone, 1, (time) => Temporal.Instant.compare(time, instant) > 0);
}

const bounds = [
  { name: "minute", from: 0, to: 59 },
  { name: "hour", from: 0, to: 23 },
  { name: "day", from: 1, to: 31 },
  { name: "month", from: 1, to: 12 },
  { name: "weekday", from: 0, to: 7 },
] as const;

function numbersOf(text: string, field: string, n: number): number[] {
  const { name, from, to } = bounds[n] as (typeof bounds)[number];
  const numbers = new Set<number>();
  for (const part of field.split(",")) {
    const [, range = "", , step = "1"] = /^(\*|\d{1,2}(-\d{1,2})?)(?:\/(\d{1,2}))?$/.exec(part) ?? [];
    const [first = from, last = part.includes("/") ? to : first] = range === "*" ? [from, to] : range.split("-").map(Number);
    if (range === "" || first < from || last > to || first > last || Number(step) === 0)
      throw new Invalid(`"${text}" is no time: "${part}" is not among the ${name}s ${from} to ${to}`);
    for (let number = first; number <= last; number += Number(step)) numbers.add(number);
  }
  return [...numbers].sort((a, b) => a - b);
}

/** The rarest day that there is, a 29th of February on one weekday, comes once in 28 years, or 40 around a century's turn. */
const days_max = 40 * 366;

function dayFrom(cron: Cron, date: Temporal.PlainDate, step: 1 | -1): Temporal.PlainDate | undefined {
  let day = date;
  for (let n = 0; n < days_max; n += 1) {
    if (isMeant(cron, day)) return day;
    day = day.add({ days: step });
  }
  return undefined;
}

function isMeant({ days, months, weekdays, eitherDay }: Cron, date: Temporal.PlainDate): boolean {
  if (!months.includes(date.month)) return false;
  const [byDay, byWeekday] = [days.includes(date.day), weekdays.includes(date.dayOfWeek % 7)];
  return eitherDay ? byDay || byWeekday : byDay && byWeekday;
}

function seek(
  cron: Cron,
  instant: Temporal.Instant,
  zone: string,
  step: 1 | -1,
  fits: (time: Temporal.Instant) => boolean,
): Temporal.Instant {
  const here = instant.toZonedDateTimeISO(zone);
  let date = here.toPlainDate();
  for (;;) {
    const day = dayFrom(cron, date, step);
    if (day === undefined) throw new Invalid("No day of the year is meant.");
    for (const time of timesOf(cron, day, zone, step, day.equals(here.toPlainDate()) ? here.hour : undefined))
      if (fits(time)) return time;
    date = day.add({ days: step });
  }
}

/** Clocks are put forward or back by this much at the most, or else by a whole day. */
const shift_h = 3;

// A time that a day does not have, because clocks are put forward, is the one after the gap. From `from` on, with some hours before it.
function* timesOf(
  { hours, minutes }: Cron,
  date: Temporal.PlainDate,
  timeZone: string,
  step: 1 | -1,
  from: number | undefined,
): Generator<Temporal.Instant> {
  const near = hours.filter((hour) => from === undefined || (hour - from) * step >= -shift_h);
  for (const hour of step === 1 ? near : near.toReversed()) {
    for (const minute of step === 1 ? minutes : minutes.toReversed())
      yield date.toZonedDateTime({ timeZone, plainTime: { hour, minute } }).toInstant();
  }
}
