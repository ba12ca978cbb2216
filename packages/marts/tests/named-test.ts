import type { Seed } from "@jukebase/platform/domain.ts";
import type { Mart, MartReference, Mask } from "@jukebase/platform/mart.ts";
import type { MartTest, TestRule } from "@jukebase/platform/mart-test.ts";
import type { Named } from "../mart-select.ts";
import { validity } from "../validity.ts";
import { inWords, nameOf } from "./test-names.ts";

/** A singular check as a test: a whole SELECT, of which every row is a failing one. */
export type CheckTest = { readonly test: "check"; readonly select: Named };

/** A test that can be run: who it is, what it looks at, and how bad it is when it finds rows. */
export type NamedTest = {
  /** By which it is found; no two have the same. */
  readonly name: string;
  /** The mart whose rows it looks at; undefined for those of a seed, and for a check, which belongs to a domain. */
  readonly mart: string | undefined;
  /** The reference data whose rows it looks at. */
  readonly seed: string | undefined;
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
  const of = { mart: mart.name, seed: undefined, masks: mart.sensitive ?? {} };
  const references = (mart.references ?? []).map((reference) => named(of, referenceTest(reference), "reference"));
  const implied = [...keyTests(mart).map((test) => named(of, test, "key")), ...references];
  return withDeclared(
    implied,
    (mart.tests ?? []).map((test) => named(of, test, "declared")),
  );
}

/** The same of reference data. */
export function testsOfSeed(seed: Seed): NamedTest[] {
  const of = { mart: undefined, seed: seed.name, masks: {} };
  const implied = keyTests(seed).map((test) => named(of, test, "key"));
  return withDeclared(
    implied,
    (seed.tests ?? []).map((test) => named(of, test, "declared")),
  );
}

/** How many rows it takes until a rule warns and fails; a rule of severity `warn` never fails. */
export function thresholdsOf(rule: TestRule, usual: "warn" | "error"): Pick<NamedTest, "severity" | "warnFrom" | "errorFrom"> {
  const severity = rule.severity ?? usual;
  const errorFrom = severity === "error" ? (rule.errorFrom ?? 1) : Number.POSITIVE_INFINITY;
  return { severity, warnFrom: rule.warnFrom ?? 1, errorFrom };
}

function withDeclared(implied: readonly NamedTest[], declared: readonly NamedTest[]): NamedTest[] {
  return [...implied.filter(({ name }) => !declared.some((test) => test.name === name)), ...declared];
}

// Of a snapshot the key tells the versions of one thing, of which one holds at a time.
function keyTests({ name, key, kind }: Pick<Mart, "name" | "key"> & { readonly kind?: Mart["kind"] }): MartTest[] {
  const [from, to] = validity;
  const versions = kind === "snapshot" ? [from] : [];
  const current: MartTest = { test: "unique", columns: key, where: `${to} is null`, name: `unique_${name}_current` };
  return [
    { test: "unique", columns: [...key, ...versions] },
    ...(kind === "snapshot" ? [current] : []),
    ...[...key, ...versions].map((column) => ({ test: "not_null", column }) as const),
  ];
}

function referenceTest({ columns, mart, to }: MartReference): MartTest {
  return { test: "relationships", columns, mart, to };
}

function named(of: Pick<NamedTest, "mart" | "seed" | "masks">, test: MartTest, origin: NamedTest["origin"]): NamedTest {
  const reads = [of.mart ?? [], test.test === "relationships" ? test.mart : []].flat();
  return {
    ...of,
    name: test.name ?? nameOf(of.mart ?? of.seed ?? "", test),
    marts: [...new Set(reads)],
    words: inWords(test),
    origin,
    ...thresholdsOf(test, isAnomaly(test) ? "warn" : "error"),
    test,
  };
}

// An unusual day is a question, not a proof that something is wrong.
function isAnomaly({ test }: MartTest): boolean {
  return test === "volume_anomaly" || test === "column_anomaly";
}
