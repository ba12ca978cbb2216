import fc from "fast-check";
import { expect, test } from "vitest";
import { readInstant } from "./fields/instant.ts";
import { readMoney } from "./fields/money.ts";
import { plain } from "./fields/readings.testing.ts";
import { sampleContract } from "./sample.testing.ts";

const runs = { numRuns: 2000 };
const plausible = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    null,
    "",
    "5",
    5,
    "$500",
    "€1,250.00",
    "4:18",
    "01/01/01",
    "2024-02-29T23:59:59.123456789+02:00",
    "true",
    "good",
  ),
);
const line = fc.record(
  { Price: plausible, Deposit: plausible, Currency: plausible, Title: plausible, Id: plausible },
  { requiredKeys: [] },
);
const named = {
  RentalId: plausible,
  Line: fc.oneof(line, plausible),
  Length: plausible,
  Minutes: plausible,
  Noise: plausible,
  Loud: plausible,
  Grade: plausible,
  Back: plausible,
  RenterEmail: plausible,
  RenterBorn: plausible,
  OccurredAt: plausible,
  Rental: plausible,
};
const body = fc.oneof(fc.jsonValue(), fc.record(named, { requiredKeys: [] }));
const version = fc.option(fc.constantFrom(1, 2, 3, -1, Number.NaN), { nil: undefined });
const time = fc.option(fc.oneof(fc.string(), fc.constant("2024-05-05T00:00:00Z")), { nil: undefined });

const amounts = fc.constantFrom<unknown>(250, "250.00", "$500", "€1,250.00", "USD 5", "0.0100", 0.1);
const sound = fc.record(
  {
    RentalId: fc.constantFrom<unknown>(5, " 5 ", "x"),
    Line: fc.record(
      { Price: amounts, Title: fc.constantFrom<unknown>(" Ten ", 1999), Id: fc.nat() },
      { requiredKeys: ["Price", "Title"] },
    ),
    Length: fc.constantFrom<unknown>(258, "4:18", "1:02:03.50"),
    Minutes: fc.nat(1000),
    Noise: fc.constantFrom<unknown>("1.50", 2, null),
    RenterEmail: fc.emailAddress(),
    RenterBorn: fc.constantFrom("1987-06-05", "31/12/1990"),
    OccurredAt: fc.constantFrom<unknown>("01/01/01", 1_607_804_401_001, "2024-02-29T23:59:59.120+02:00"),
    Extra: fc.jsonValue(),
  },
  { requiredKeys: ["RentalId", "Line", "OccurredAt"] },
);

test("no JSON whatever makes normalising throw, and what it refuses has a path, a rule and a code", () => {
  fc.assert(
    fc.property(body, version, time, (sent, named, at) => {
      const result = sampleContract.normalise(sent, named, at, plain);
      if (result.ok) expect(result.value.occurredAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/);
      else
        expect(result.issues.length > 0 && result.issues.every(({ path, rule, code }) => /^\$/.test(path) && rule && code)).toBe(
          true,
        );
    }),
    runs,
  );
});

test("normalising what is normalised changes nothing and has nothing to note", () => {
  fc.assert(
    fc.property(sound, (sent) => {
      const first = sampleContract.normalise(sent, undefined, undefined, plain);
      if (!first.ok) throw new Error(JSON.stringify(first.issues));
      const again = sampleContract.normalise(first.value.data, first.value.version, undefined, plain);
      expect(again).toMatchObject({ ok: true, value: { data: first.value.data, sent: {}, pii: [], unknown: undefined } });
      expect(sampleContract.normalise(first.value.data, undefined, undefined, plain)).toEqual(again);
    }),
    runs,
  );
});

test("an amount is read as itself however it is grouped, marked and padded", () => {
  const digits = fc.bigInt({ min: 0n, max: 10n ** 18n });
  fc.assert(
    fc.property(digits, fc.nat(999), fc.constantFrom("", "$", "€", "USD "), (whole, thousandths, mark) => {
      const grouped = String(whole).replace(/\B(?=(?:\d{3})+$)/g, ",");
      const fraction = String(thousandths).padStart(3, "0");
      const expected = `${whole}.${fraction}`.replace(/\.?0+$/, "");
      const read = readMoney(`${mark}${grouped}.${fraction}`, "any");
      expect(read).toMatchObject({ ok: true, value: thousandths === 0 ? String(whole) : expected });
    }),
    runs,
  );
});

test("a moment written in any offset is the same moment", () => {
  const epoch = fc.integer({ min: 100_000_000_000, max: 4_102_444_800_000 });
  fc.assert(
    fc.property(epoch, fc.integer({ min: -14 * 60, max: 14 * 60 }), (milliseconds, minutes) => {
      const written = Temporal.Instant.fromEpochMilliseconds(milliseconds).toString({ timeZone: offset(minutes) });
      expect(readInstant(written, plain)).toEqual(readInstant(milliseconds, plain));
    }),
    { numRuns: 500 },
  );
});

const offset = (minutes: number): string => {
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${String(Math.floor(size / 60)).padStart(2, "0")}:${String(size % 60).padStart(2, "0")}`;
};
