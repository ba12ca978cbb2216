import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lastTime, nextTime, parseCron } from "./cron.ts";

const at = (text: string): Temporal.Instant => Temporal.Instant.from(text);

describe("a time as cron writes it", () => {
  test.each([
    ["30 4 * * *", "UTC", "2026-03-10T04:30:00Z", "2026-03-11T04:30:00Z"],
    ["30 4 * * *", "Europe/Zurich", "2026-03-10T03:30:00Z", "2026-03-11T03:30:00Z"],
    ["0,30 8-10 * * 1-5", "UTC", "2026-03-10T10:30:00Z", "2026-03-11T08:00:00Z"],
    ["0 */6 * * *", "UTC", "2026-03-10T12:00:00Z", "2026-03-10T18:00:00Z"],
    ["5/20 12 * * *", "UTC", "2026-03-10T12:05:00Z", "2026-03-10T12:25:00Z"],
    ["0 0 1 * *", "UTC", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"],
    ["0 0 13 * 5", "UTC", "2026-03-06T00:00:00Z", "2026-03-13T00:00:00Z"],
    ["0 0 * * 7", "UTC", "2026-03-08T00:00:00Z", "2026-03-15T00:00:00Z"],
    ["0 0 29 2 *", "UTC", "2024-02-29T00:00:00Z", "2028-02-29T00:00:00Z"],
  ])("%s in %s was last due at %s, and is next at %s, seen from noon of 10 March 2026", (text, zone, last, next) => {
    const noon = at("2026-03-10T12:05:30Z");
    expect(lastTime(parseCron(text), noon, zone).toString()).toBe(last);
    expect(nextTime(parseCron(text), noon, zone).toString()).toBe(next);
  });

  test("that a day does not have is the one after the gap", () => {
    const summer = nextTime(parseCron("30 2 29 3 *"), at("2026-03-01T00:00:00Z"), "Europe/Zurich");
    expect(summer.toString()).toBe("2026-03-29T01:30:00Z");
  });

  test.each([
    ["* * * *", "minute, hour, day, month and weekday"],
    ["60 * * * *", '"60" is not among the minutes 0 to 59'],
    ["* 5-2 * * *", '"5-2" is not among the hours'],
    ["* * 0 * *", "days 1 to 31"],
    ["* * * jan *", '"jan"'],
    ["*/0 * * * *", '"*/0"'],
    ["0 0 30 2 *", "no day of the year"],
  ])("%s is refused: %s", (text, why) => {
    expect(() => parseCron(text)).toThrow(why);
  });

  test("is due last before an instant and next after it, with no time between", () => {
    const field = (low: number, high: number) => fc.oneof(fc.constant("*"), fc.integer({ min: low, max: high }).map(String));
    const texts = fc.tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 7)).map((fields) => fields.join(" "));
    const seconds = fc.integer({ min: 1_700_000_000, max: 1_900_000_000 });
    fc.assert(
      fc.property(texts, seconds, fc.constantFrom("UTC", "Europe/Zurich", "America/St_Johns"), (text, second, zone) => {
        const [cron, now] = [parseCron(text), Temporal.Instant.fromEpochMilliseconds(second * 1000)];
        const [last, next] = [lastTime(cron, now, zone), nextTime(cron, now, zone)];
        expect(Temporal.Instant.compare(last, now)).toBeLessThanOrEqual(0);
        expect(Temporal.Instant.compare(next, now)).toBe(1);
        expect(lastTime(cron, next, zone).equals(next)).toBe(true);
        expect(nextTime(cron, last, zone).equals(next)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
