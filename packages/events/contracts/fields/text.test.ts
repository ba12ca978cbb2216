import { describe } from "vitest";
import { becomes, isRefusedAs, notScalars, testReadings } from "./readings.testing.ts";
import { readText } from "./text.ts";

describe("text is trimmed and may hold tabs and line feeds", () => {
  testReadings(readText, [
    ["TESTNAME", becomes("TESTNAME")],
    [" a b ", becomes("a b")],
    ["1 High St\r\nTown", becomes("1 High St\nTown")],
    ["a\tb", becomes("a\tb")],
    ["🎷", becomes("🎷")],
    [1999, becomes("1999")],
    [0.5, becomes("0.5")],
    ["x".repeat(10_000), becomes("x".repeat(10_000))],
  ]);
});

describe("text without end, and characters that nobody types, are refused", () => {
  testReadings(readText, [
    ["", isRefusedAs("empty")],
    ["x".repeat(10_001), isRefusedAs("too-long")],
    ["é".repeat(5001), isRefusedAs("too-long")],
    ["a\u0000b", isRefusedAs("control-character")],
    ["a\rb", isRefusedAs("control-character")],
    ["a\u009fb", isRefusedAs("control-character")],
    ["a\ud83d", isRefusedAs("control-character")],
    [1e300, isRefusedAs("wrong-type")],
    [false, isRefusedAs("wrong-type")],
    ...notScalars,
  ]);
});
