import { card, filterBar, html, pagination, selectField, stats, table } from "@jukebase/console";
import { type TestStanding, testStandings } from "@jukebase/marts";
import { Invalid } from "@jukebase/platform";
import { type Request, type Response, Router } from "express";
import { address, asked, askedNumber } from "../asked.ts";
import type { Console } from "../console.ts";
import { stateBadge, testable } from "../mart-test-parts.ts";
import { show } from "../show.ts";
import { showMartTest } from "./mart-test.ts";

/** The tests of marts: how each stood when it was last run, and a page for each. */
export function martTestRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/marts/tests", (request, response) => listTests(admin, request, response));
  routes.get("/marts/tests/:name", (request, response) => showMartTest(admin, request, response));
  return routes;
}

const states = {
  fail: { label: "Fail", of: ["fail", "error"] },
  warn: { label: "Warn", of: ["warn"] },
  pass: { label: "Pass", of: ["pass"] },
  "not-run": { label: "Not run", of: ["not run"] },
} as const;

const pageSize = 50;

async function listTests(admin: Console, request: Request, response: Response): Promise<void> {
  const { query } = request;
  const [state, about, skip] = [stateOf(asked(query, "state")), asked(query, "of"), askedNumber(query, "skip") ?? 0];
  const all = await testStandings(admin.db, testable(admin));
  const of = all.filter((test) => about === undefined || aboutOf(test) === about);
  const found = of.filter(({ status }) => state === undefined || states[state].of.some((one) => one === status));
  const shown = gravestFirst(found).slice(skip, skip + pageSize);
  const body = html`${totals(of, about)}
${filters(all, state, about)}
${card({ body: testTable(shown, admin.zone) })}${pages(found.length, skip, { state, of: about })}`;
  const lead =
    "What must hold of marts, reference data and tables, as it was when last tested. The command jukebase marts test runs them; so does every build of marts.";
  const breadcrumbs = [{ label: "Marts", href: "/marts" }, { label: "Tests" }];
  await show(admin, request, response, { title: "Tests of marts", lead, body, breadcrumbs });
}

type State = keyof typeof states;

function stateOf(state: string | undefined): State | undefined {
  if (state === undefined || state in states) return state as State | undefined;
  throw new Invalid(`There is no state "${state}". Known: ${Object.keys(states).join(", ")}.`);
}

function aboutOf({ mart, seed }: TestStanding): string {
  return mart ?? (seed === undefined ? "checks" : `seeds.${seed}`);
}

function totals(tests: readonly TestStanding[], of: string | undefined) {
  return stats(
    (Object.keys(states) as State[]).map((state) => ({
      label: states[state].label,
      value: String(tests.filter(({ status }) => states[state].of.some((one) => one === status)).length),
      href: address("/marts/tests", { state, of }),
    })),
  );
}

function filters(tests: readonly TestStanding[], state: State | undefined, of: string | undefined) {
  const any = { value: "", label: "Any" };
  const stateChoices = Object.entries(states).map(([value, { label }]) => ({ value, label }));
  const ofChoices = [...new Set(tests.map(aboutOf))].map((name) => ({ value: name, label: name }));
  return filterBar({
    action: "/marts/tests",
    label: "Filters of tests",
    fields: html`${selectField({ name: "state", label: "State", value: state, choices: [any, ...stateChoices] })}
${selectField({ name: "of", label: "Of", value: of, choices: [any, ...ofChoices] })}`,
    clear: (state ?? of) === undefined ? undefined : "/marts/tests",
  });
}

const gravity = ["error", "fail", "warn", "not run", "pass"];

function gravestFirst(tests: readonly TestStanding[]): TestStanding[] {
  return tests.toSorted((left, right) => gravity.indexOf(left.status) - gravity.indexOf(right.status));
}

function testTable(tests: readonly TestStanding[], tz: string) {
  return table({
    caption: "Tests",
    captionHidden: true,
    fields,
    rows: tests.map((test) => {
      const { name, words, status, rows, failing_since } = test;
      return { state: status, test: name, holds: words, of: aboutOf(test), rows, failing_since };
    }),
    link: (field, row) => {
      if (field.name === "test") return `/marts/tests/${encodeURIComponent(String(row.test))}`;
      return field.name === "of" && /^\w+$/.test(String(row.of)) && row.of !== "checks" ? `/marts/${row.of}` : undefined;
    },
    cell: (field, row) => (field.name === "state" ? stateBadge(String(row.state)) : undefined),
    empty: "No test is in this state.",
    tz,
  });
}

const fields = [
  { name: "state", type: "text", description: "How it went when it was last run." },
  { name: "test", type: "text", description: "Its name." },
  { name: "holds", type: "text", description: "What holds when it passes." },
  { name: "of", type: "text", description: "The mart or reference data that it looks at." },
  { name: "rows", type: "integer", description: "How many rows failed." },
  { name: "failing_since", type: "timestamp", description: "Since when it has not passed, without a break." },
] as const;

function pages(count: number, skip: number, query: Readonly<Record<string, string | undefined>>) {
  if (count <= pageSize) return null;
  const at = (offset: number) => address("/marts/tests", { ...query, skip: offset > 0 ? offset : undefined });
  return pagination({
    label: "Tests",
    position: `${skip + 1}–${Math.min(skip + pageSize, count)} of ${count}`,
    previous: skip > 0 ? at(Math.max(0, skip - pageSize)) : undefined,
    next: skip + pageSize < count ? at(skip + pageSize) : undefined,
  });
}
