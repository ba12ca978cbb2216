import { Invalid } from "@jukebase/platform/errors.ts";

/**
 * One end of a range as a business date. A date is included at both ends. A range of timestamps is half-open, so its end on the
 * midnight of a day means the day before; a timestamp off midnight can't be said in business dates and is Invalid. A timestamp
 * with an offset is read in `zone`, one without is taken to be there already.
 */
export function businessBound(end: "from" | "to", text: string | undefined, zone: string): string | undefined {
  if (text === undefined) return undefined;
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return dateOf(end, text).toString();
  const day = midnightOf(end, text, zone);
  return (end === "to" ? day.subtract({ days: 1 }) : day).toString();
}

function dateOf(end: string, text: string): Temporal.PlainDate {
  try {
    return Temporal.PlainDate.from(text);
  } catch (cause) {
    throw new Invalid(`${end} "${text}" is no day of the calendar`, { cause });
  }
}

function midnightOf(end: string, text: string, zone: string): Temporal.PlainDate {
  const local = momentOf(end, text, zone);
  if (!local.equals(local.startOfDay()))
    throw new Invalid(
      `${end} "${text}" is not a midnight in ${zone}; this report counts whole business days, so give a date (both ends included) or midnights (the end excluded)`,
    );
  return local.toPlainDate();
}

function momentOf(end: string, text: string, zone: string): Temporal.ZonedDateTime {
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(text))
    throw new Invalid(`${end} "${text}" is neither a date (2024-03-10) nor a timestamp (2024-03-10T00:00:00Z)`);
  try {
    const exact = /(Z|[+-]\d{2}(:?\d{2})?)$/i.test(text.slice(11));
    return exact ? Temporal.Instant.from(text).toZonedDateTimeISO(zone) : Temporal.PlainDateTime.from(text).toZonedDateTime(zone);
  } catch (cause) {
    throw new Invalid(`${end} "${text}" is no moment of the calendar`, { cause });
  }
}
