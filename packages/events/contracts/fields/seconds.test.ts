import { describe } from "vitest";
import { becomes, isRefusedAs, notScalars, testReadings } from "./readings.testing.ts";
import { readSeconds } from "./seconds.ts";

describe("a length of time becomes seconds", () => {
  testReadings(readSeconds, [
    [258, becomes("258")],
    ["258", becomes("258")],
    [258.5, becomes("258.5")],
    ["4:18", becomes("258")],
    ["4:18.250", becomes("258.25")],
    ["1:02:03", becomes("3723")],
    ["90:00", becomes("5400")],
    [0, becomes("0")],
    ["4:60", isRefusedAs("not-seconds")],
    ["1:60:00", isRefusedAs("not-seconds")],
    ["4:8", isRefusedAs("not-seconds")],
    ["4 min", isRefusedAs("not-seconds")],
    ["", isRefusedAs("not-seconds")],
    [-1, isRefusedAs("negative")],
    ["-4:18", isRefusedAs("not-seconds")],
    [1e21, isRefusedAs("not-seconds")],
    [Number.NaN, isRefusedAs("not-seconds")],
    [true, isRefusedAs("wrong-type")],
    ...notScalars,
  ]);
});
