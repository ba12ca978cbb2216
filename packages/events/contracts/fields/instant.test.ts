import type { Dialect } from "@jukebase/platform/contract.ts";
import { describe, expect, test } from "vitest";
import { readInstant } from "./instant.ts";
import { becomes, isRefusedAs, notScalars, plain, testReadings } from "./readings.testing.ts";

const reading = (dialect: Dialect) => (value: unknown) => readInstant(value, dialect);

describe("a moment becomes ISO 8601 in UTC", () => {
  testReadings(reading(plain), [
    ["2020-12-31T20:20:01Z", becomes("2020-12-31T20:20:01Z")],
    ["2020-12-31T20:20:01.000Z", becomes("2020-12-31T20:20:01Z")],
    ["2020-12-31T20:20:01.123456Z", becomes("2020-12-31T20:20:01.123456Z")],
    ["2020-12-31T20:20:01.123456789Z", becomes("2020-12-31T20:20:01.123456Z")],
    ["2020-12-31T20:20:01,5+02:00", becomes("2020-12-31T18:20:01.5Z")],
    ["2020-12-31 23:30:00-0100", becomes("2021-01-01T00:30:00Z")],
    ["2020-12-31 20:20:01+00", becomes("2020-12-31T20:20:01Z")],
    ["2018-04-05T12:00:00", becomes("2018-04-05T12:00:00Z")],
    ["2018-04-05T12:00", becomes("2018-04-05T12:00:00Z")],
    ["2018-04-05", becomes("2018-04-05T00:00:00Z")],
    ["12/12/2020 20:20:01.000", becomes("2020-12-12T20:20:01Z")],
    ["01/01/01", becomes("2001-01-01T00:00:00Z")],
    ["31/12/99", becomes("1999-12-31T00:00:00Z")],
    ["12/31/69", becomes("2069-12-31T00:00:00Z")],
    ["01/01/70", becomes("1970-01-01T00:00:00Z")],
    ["31.12.2020", becomes("2020-12-31T00:00:00Z")],
    ["2020/11/12 9:05", becomes("2020-11-12T09:05:00Z")],
    ["29/02/2020", becomes("2020-02-29T00:00:00Z")],
    [1_607_804_401_000, becomes("2020-12-12T20:20:01Z")],
    ["1607804401001", becomes("2020-12-12T20:20:01.001Z")],
  ]);
});

describe("what is no moment, or two, is refused", () => {
  testReadings(reading(plain), [
    ["02/01/2020", isRefusedAs("ambiguous-date")],
    ["02/01/20 10:00", isRefusedAs("ambiguous-date")],
    ["31/02/2020", isRefusedAs("impossible-date")],
    ["29/02/2021", isRefusedAs("impossible-date")],
    ["13/13/2020", isRefusedAs("impossible-date")],
    ["2020-02-30T00:00:00Z", isRefusedAs("impossible-date")],
    ["0000-01-01", isRefusedAs("impossible-date")],
    ["0001-01-01T00:00:00+01:00", isRefusedAs("impossible-date")],
    ["9999-12-31T23:59:59-01:00", isRefusedAs("impossible-date")],
    ["2016-12-31T23:59:60Z", isRefusedAs("leap-second")],
    ["2020-01-01T24:00:00Z", isRefusedAs("not-an-instant")],
    ["2020-01-01T10:60:00Z", isRefusedAs("not-an-instant")],
    ["2020-01-01T10:00:00+19:00", isRefusedAs("not-an-instant")],
    ["2020-01-01 noon", isRefusedAs("not-an-instant")],
    ["yesterday", isRefusedAs("not-a-date")],
    ["1/1/1", isRefusedAs("not-a-date")],
    ["", isRefusedAs("not-a-date")],
    ["2020-12", isRefusedAs("not-a-date")],
    [99_999_999_999, isRefusedAs("not-an-instant")],
    [1_607_804_401_000.5, isRefusedAs("not-an-instant")],
    [1e15, isRefusedAs("not-an-instant")],
    ["1607804401", isRefusedAs("not-a-date")],
    [true, isRefusedAs("wrong-type")],
    ...notScalars,
  ]);
});

test("the refusal of a date with two readings names the option that settles it", () => {
  expect(readInstant("02/01/2020", plain)).toMatchObject({ reason: expect.stringContaining("--date-order") });
});

test.each([
  ["dmy", "2020-01-02T00:00:00Z"],
  ["mdy", "2020-02-01T00:00:00Z"],
] as const)("a source that writes %s settles 02/01/2020", (dateOrder, value) => {
  expect(readInstant("02/01/2020", { ...plain, dateOrder })).toEqual({ ok: true, value });
});

test("a declared date order is not given up where only the other would fit", () => {
  expect(readInstant("31/12/2020", { ...plain, dateOrder: "mdy" })).toMatchObject({ code: "impossible-date" });
});

test("a source that writes year, month, day settles two-digit years", () => {
  expect(readInstant("20/02/01", { ...plain, dateOrder: "ymd" })).toEqual({ ok: true, value: "2020-02-01T00:00:00Z" });
});

describe("without a zone the source's zone counts", () => {
  testReadings(reading({ ...plain, timeZone: "America/New_York" }), [
    ["2020-07-01T12:00:00", becomes("2020-07-01T16:00:00Z")],
    ["2020-07-01", becomes("2020-07-01T04:00:00Z")],
    ["2020-07-01T12:00:00Z", becomes("2020-07-01T12:00:00Z")],
    ["2024-03-10T02:30:00", becomes("2024-03-10T07:30:00Z")],
    ["2024-11-03T01:30:00", becomes("2024-11-03T05:30:00Z")],
    ["0001-01-01T00:00:00", becomes("0001-01-01T04:56:02Z")],
  ]);
});

test("a zone that nobody knows is refused, not thrown", () => {
  expect(readInstant("2020-07-01", { ...plain, timeZone: "Mars/Base" })).toMatchObject({ code: "unknown-zone" });
});
