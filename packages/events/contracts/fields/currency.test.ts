import { describe } from "vitest";
import { readCurrency } from "./currency.ts";
import { becomes, isRefusedAs, notScalars, testReadings } from "./readings.testing.ts";

describe("a currency is a code of ISO 4217", () => {
  testReadings(readCurrency, [
    ["USD", becomes("USD")],
    [" eur ", becomes("EUR")],
    ["HRK", becomes("HRK")],
    ["ZZZ", isRefusedAs("unknown-currency")],
    ["$", isRefusedAs("unknown-currency")],
    ["US", isRefusedAs("unknown-currency")],
    ["", isRefusedAs("unknown-currency")],
    [840, isRefusedAs("wrong-type")],
    ...notScalars,
  ]);
});
