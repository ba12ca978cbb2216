/** Milliseconds of a UTC day. */
export const dayMs = 86_400_000;

/** The UTC calendar day of an instant (epoch ms), as YYYY-MM-DD. */
export function dateOf(at: number): string {
  const day = Math.floor(at / dayMs);
  let date = dates.get(day);
  if (date === undefined) {
    date = Temporal.Instant.fromEpochMilliseconds(day * dayMs)
      .toZonedDateTimeISO("UTC")
      .toPlainDate()
      .toString();
    dates.set(day, date);
  }
  return date;
}

/** The UTC month of an instant (epoch ms), as its first day. */
export function monthOf(at: number): string {
  return monthOfDate(dateOf(at));
}

/** The month of a date (YYYY-MM-DD), as its first day. */
export function monthOfDate(date: string): string {
  return `${date.slice(0, 7)}-01`;
}

/** The date `months` later, at the month's end where that day does not exist. */
export function addMonths(date: string, months: number): string {
  return Temporal.PlainDate.from(date).add({ months }).toString();
}

/** The date `days` later. */
export function addDays(date: string, days: number): string {
  return Temporal.PlainDate.from(date).add({ days }).toString();
}

/** Midnight UTC of a date (YYYY-MM-DD), in epoch ms. */
export function instantOf(date: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime("UTC").epochMilliseconds;
}

const dates = new Map<number, string>();
