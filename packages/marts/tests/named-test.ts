import type { Mart, MartReference, Mask } from "@jukebase/platform/mart.ts";
import type { MartTest, TestRule } from "@jukebase/platform/mart-test.ts";
import type { Named } from "../mart-select.ts";
import { inWords, nameOf } from "./test-names.ts";

/** A singular check as a test: a whole SELECT, of which every row is a failing one. */
export type CheckTest = { readonly test: "check"; readonly select: Named };

/** A test that can be run: who it is, what it looks at, and how bad it is when it finds rows. */
export type NamedTest = {
  /** By which it is found; no two have the same. */
  readonly name: string;
  /** The mart whose rows it looks at; undefined for a check, which belongs to a domain. */
  readonly mart: string | undefined;
  /** Every mart that it reads. */
  readonly marts: readonly string[];
  /** What holds when it passes, for people. */
  readonly words: string;
  /** Why it is there: the mart's key, one of its references, its list of tests, or a file of the domain's checks. */
  readonly origin: "key" | "reference" | "declared" | "check";
  readonly severity: "warn" | "error";
  readonly warnFrom: number;
  /** Never reached when the severity is `warn`. */
  readonly errorFrom: number;
  readonly test: MartTest | CheckTest;
  /** What stands in kept rows in place of columns that tell of natural persons. */
  readonly masks: Readonly<Record<string, Mask>>;
};

/**
 * All tests of a mart: that its key is unique and never null, that its references lead somewhere, and those that it declares. One that
 * is declared and follows from the key or a reference stands once, as declared.
 */
export function testsOfMart(mart: Mart): NamedTest[] {
  const declared = (mart.tests ?? []).map((test) => named(mart, test, "declared"));
  const implied = [
    ...keyTests(mart),
    ...(mart.references ?? []).map(referenceTest).map((test) => named(mart, test, "reference")),
  ];
  return [...implied.filter(({ name }) => !declared.some((test) => test.name === name)), ...declared];
}

/** How many rows it takes until a rule warns and fails; a rule of severity `warn` never fails. */
export function thresholdsOf(rule: TestRule, usual: "warn" | "error"): Pick<NamedTest, "severity" | "warnFrom" | "errorFrom"> {
  const severity = rule.severity ?? usual;
  const errorFrom = severity === "error" ? (rule.errorFrom ?? 1) : Number.POSITIVE_INFINITY;
  return { severity, warnFrom: rule.warnFrom ?? 1, errorFrom };
}

function keyTests(mart: Mart): NamedTest[] {
  const tests: MartTest[] = [
    { test: "unique", columns: mart.key },
    ...mart.key.map((column) => ({ test: "not_null", column }) as const),
  ];
  return tests.map((test) => named(mart, test, "key"));
}

function referenceTest({ columns, mart, to }: MartReference): MartTest {
  return { test: "relationships", columns, mart, to };
}

function named(mart: Mart, test: MartTest, origin: NamedTest["origin"]): NamedTest {
  return {
    name: test.name ?? nameOf(mart.name, test),
    mart: mart.name,
    marts: test.test === "relationships" ? [...new Set([mart.name, test.mart])] : [mart.name],
    words: inWords(test),
    origin,
    ...thresholdsOf(test, isAnomaly(test) ? "warn" : "error"),
    test,
    masks: mart.sensitive ?? {},
  };
}

// An unusual day is a question, not a proof that something is wrong.
function isAnomaly({ test }: MartTest): boolean {
  return test === "volume_anomaly" || test === "column_anomaly";
}
