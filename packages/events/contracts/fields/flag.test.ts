import { describe } from "vitest";
import { readFlag } from "./flag.ts";
import { becomes, isRefusedAs, notScalars, testReadings } from "./readings.testing.ts";

describe("a flag is true or false", () => {
  testReadings(readFlag, [
    [true, becomes(true)],
    [false, becomes(false)],
    ["true", becomes(true)],
    ["False", becomes(false)],
    [1, becomes(true)],
    [0, becomes(false)],
    ["1", becomes(true)],
    ["0", becomes(false)],
    ["yes", isRefusedAs("not-a-flag")],
    ["", isRefusedAs("not-a-flag")],
    [2, isRefusedAs("not-a-flag")],
    ...notScalars,
  ]);
});
