import { describe } from "vitest";
import { readInteger } from "./integer.ts";
import { becomes, isRefusedAs, notScalars, testReadings } from "./readings.testing.ts";

describe("a count is a whole number within its range", () => {
  testReadings(
    (value) => readInteger(value, { min: 1, max: 1200 }),
    [
      [12, becomes(12)],
      ["12", becomes(12)],
      ["12.0", becomes(12)],
      [0, isRefusedAs("out-of-range")],
      [1201, isRefusedAs("out-of-range")],
      ["-1", isRefusedAs("out-of-range")],
      [1.5, isRefusedAs("not-a-whole-number")],
      ["1e2", isRefusedAs("not-a-whole-number")],
      ["", isRefusedAs("not-a-whole-number")],
      ["twelve", isRefusedAs("not-a-whole-number")],
      [false, isRefusedAs("wrong-type")],
      ...notScalars,
    ],
  );
});
