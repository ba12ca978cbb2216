import { readFile } from "node:fs/promises";
import type { Check } from "@jukebase/platform/domain.ts";
import type { Mart, Mask } from "@jukebase/platform/mart.ts";
import { leadingComment, parseSelect } from "../mart-select.ts";
import { type NamedTest, thresholdsOf } from "./named-test.ts";

/**
 * A domain's checks as tests: the same severities, thresholds, kept rows and history. Columns that a mart which the check reads holds for
 * sensitive are masked by their name. Throws Invalid with file and line when one is not SQL.
 */
export async function testsOfChecks(checks: readonly Check[], marts: readonly Mart[]): Promise<NamedTest[]> {
  return Promise.all(checks.map((check) => testOfCheck(check, marts)));
}

/** The SELECT of a check's file. */
export async function readCheck({ file }: Check): Promise<string> {
  return (await readFile(file, "utf8")).trimEnd().replace(/;$/, "");
}

async function testOfCheck(check: Check, marts: readonly Mart[]): Promise<NamedTest> {
  const sql = await readCheck(check);
  const select = await parseSelect(sql, check.name);
  const read = new Set(select.readings.flatMap(({ schema, relation }) => (schema === "marts" ? [relation] : [])));
  const masks = marts.filter(({ name }) => read.has(name)).flatMap(({ sensitive = {} }) => Object.entries(sensitive));
  return {
    name: check.name,
    mart: undefined,
    seed: undefined,
    marts: [...read].sort(),
    words: leadingComment(sql) || check.name,
    origin: "check",
    ...thresholdsOf(check, "error"),
    test: { test: "check", select },
    masks: Object.fromEntries<Mask>(masks),
  };
}
