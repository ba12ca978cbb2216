import { describe } from "vitest";
import { readId } from "./id.ts";
import { becomes, isRefusedAs, notScalars, testReadings } from "./readings.testing.ts";

describe("an id is trimmed text, however it was written", () => {
  testReadings(readId, [
    [5, becomes("5")],
    ["5", becomes("5")],
    [" 5 ", becomes("5")],
    ["005", becomes("005")],
    [0, becomes("0")],
    [-7, becomes("-7")],
    ["0190f3c2-5a77-7b1e-8c7e-0d7c8a1b2c3d", becomes("0190f3c2-5a77-7b1e-8c7e-0d7c8a1b2c3d")],
    ["12345678901234567890", becomes("12345678901234567890")],
    ["é/ø", becomes("é/ø")],
    ["x".repeat(255), becomes("x".repeat(255))],
  ]);
});

describe("what is no id is refused", () => {
  testReadings(readId, [
    ["", isRefusedAs("empty")],
    ["  ", isRefusedAs("empty")],
    [true, isRefusedAs("wrong-type")],
    [5.5, isRefusedAs("not-a-whole-number")],
    [2 ** 53, isRefusedAs("not-a-whole-number")],
    [Number.NaN, isRefusedAs("not-a-whole-number")],
    ["x".repeat(256), isRefusedAs("too-long")],
    ["a\u0000b", isRefusedAs("control-character")],
    ["a\nb", isRefusedAs("control-character")],
    ["a\ud800", isRefusedAs("control-character")],
    ...notScalars,
  ]);
});
