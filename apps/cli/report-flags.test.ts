import { domains } from "@jukebase/domains";
import { findReport } from "@jukebase/domains/run-report.ts";
import { Command } from "commander";
import { expect, test } from "vitest";
import { addReportFlags, queryOf, type ReportFlags } from "./report-flags.ts";

function query(name: string, ...args: readonly string[]): Record<string, unknown> {
  const report = findReport({ domains }, name);
  const command = addReportFlags(new Command(name), report)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  return queryOf(report, command.parse(args, { from: "user" }).opts<ReportFlags>());
}

test("a report's own options are flags, in kebab-case", () => {
  expect(query("agent-rewards", "--completed-only", "--by", "device")).toEqual({
    completed_only: "true",
    by: "device",
    where: [],
  });
});

test("the same options can be set by their own names", () => {
  expect(query("agent-rewards", "--set", "completed_only=false", "--set", "sold-only=true")).toEqual({
    completed_only: "false",
    sold_only: "true",
    where: [],
  });
});

test("filters are flags and where pairs; an option of the same name goes first", () => {
  expect(query("total-sales", "--product", "TuneBox Mini", "--where", "currency=EUR")).toEqual({
    product: "TuneBox Mini",
    where: ["currency=EUR"],
  });
  expect(query("product-sales", "--product", "X", "--where", "product=Y")).toEqual({ product: "X", where: ["product=Y"] });
});

test("a word that the option does not know is refused", () => {
  expect(() => query("product-sales", "--versus", "all")).toThrow(/each, rest/);
});
