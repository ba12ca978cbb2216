import { describe } from "vitest";
import { ruleOf } from "./field.ts";
import { oneOf } from "./one-of.ts";
import { becomes, isRefusedAs, notScalars, plain, testReadings } from "./readings.testing.ts";

const interval = ruleOf(oneOf("How far apart.", ["week", "month"]));

describe("a word of a closed list is spelt exactly so", () => {
  testReadings(
    (value) => interval?.read(value, plain) ?? { ok: false, code: "no rule", reason: "" },
    [
      ["week", becomes("week")],
      ["Week", isRefusedAs("not-in-list")],
      ["day", isRefusedAs("not-in-list")],
      ...notScalars.map(([sent]) => [sent, isRefusedAs("not-in-list")] as const),
    ],
  );
});
