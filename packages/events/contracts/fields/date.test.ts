import { describe } from "vitest";
import { readBirthDate, readDate } from "./date.ts";
import { becomes, isRefusedAs, notScalars, plain, testReadings } from "./readings.testing.ts";

describe("a date is a day of the calendar", () => {
  testReadings(
    (value) => readDate(value, plain),
    [
      ["2020-12-31", becomes("2020-12-31")],
      ["31/12/2020", becomes("2020-12-31")],
      ["2020-12-31T00:00:00Z", becomes("2020-12-31")],
      ["2020-12-31 00:00:00.000", becomes("2020-12-31")],
      ["01/01/01", becomes("2001-01-01")],
      ["2020-12-31T10:00:00Z", isRefusedAs("not-a-date")],
      ["02/01/2020", isRefusedAs("ambiguous-date")],
      ["2021-02-29", isRefusedAs("impossible-date")],
      ["soon", isRefusedAs("not-a-date")],
      [20_201_231, isRefusedAs("wrong-type")],
      ...notScalars,
    ],
  );
});

describe("a date of birth has a century", () => {
  testReadings(
    (value) => readBirthDate(value, plain),
    [
      ["1980-12-31", becomes("1980-12-31")],
      ["31/12/80", isRefusedAs("ambiguous-date")],
    ],
  );
});
