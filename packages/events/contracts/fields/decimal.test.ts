import { describe } from "vitest";
import { readDecimal } from "./decimal.ts";
import { becomes, isRefusedAs, notScalars, testReadings } from "./readings.testing.ts";

describe("a latitude is an exact decimal from -90 to 90", () => {
  testReadings(
    (value) => readDecimal(value, { min: -90, max: 90 }),
    [
      [51.5, becomes("51.5")],
      ["-51.50", becomes("-51.5")],
      [90, becomes("90")],
      ["-90.0", becomes("-90")],
      ["-0.25", becomes("-0.25")],
      ["90.00000000000000000001", isRefusedAs("out-of-range")],
      ["-90.1", isRefusedAs("out-of-range")],
      [91, isRefusedAs("out-of-range")],
      ["TESTLATITUDE", isRefusedAs("not-a-number")],
      ["1,5", isRefusedAs("not-a-number")],
      ["1e1", isRefusedAs("not-a-number")],
      ["", isRefusedAs("not-a-number")],
      [Number.NaN, isRefusedAs("not-a-number")],
      ["1".repeat(10_000), isRefusedAs("not-a-number")],
      [true, isRefusedAs("wrong-type")],
      ...notScalars,
    ],
  );
});
