import { type Finder, finderOf } from "./edges.ts";
import { type Invocation, metadataOf } from "./invocation.ts";
import { relationName } from "./mart-node.ts";
import type { Project, ProjectMart } from "./project.ts";
import type { RecordedTest } from "./recorded-tests.ts";
import { testId } from "./test-nodes.ts";

/** dbt's run_results.json, version 6: how the last refresh of each mart, and the last run of each test, ended; what never ran is left out. */
export function runResultsOf(project: Project, invocation: Invocation) {
  const finder = finderOf(project);
  const recorded = new Map(project.recorded.map((one) => [one.name, one]));
  const results = [
    ...project.marts.flatMap((one) => martResult(project, finder, one)),
    ...testedBy(project, finder).flatMap((one) => testResult(one, recorded.get(one.name))),
  ];
  const ordered = results.toSorted((a, b) => (a.unique_id < b.unique_id ? -1 : 1));
  return {
    metadata: metadataOf("run-results/v6", invocation, project),
    results: ordered,
    elapsed_time: Math.round(ordered.reduce((total, { execution_time }) => total + execution_time * 1000, 0)) / 1000,
    args: {},
  };
}

type Result = ReturnType<typeof resultOf>;
type Ran = { readonly name: string; readonly unique_id: string; readonly sql: string };

function testedBy({ tests, checks }: Project, finder: Finder): Ran[] {
  return [
    ...tests.map((test) => ({ name: test.name, unique_id: testId(finder, test), sql: test.sql })),
    ...checks.map(({ check: { name }, source }) => ({ name, unique_id: finder.ids.check(name), sql: source.select })),
  ];
}

/** By what a mart of a kind is written, as the server's own answer begins. */
const statements = {
  view: "CREATE VIEW",
  materialized: "REFRESH MATERIALIZED VIEW",
  rollup: "MERGE",
  snapshot: "MERGE",
} as const;

function martResult({ database }: Project, { ids }: Finder, { mart, source, standing }: ProjectMart): Result[] {
  if (standing === undefined) return [];
  const { status, error, duration_ms, refreshed_at, built_at } = standing;
  const rows_changed = mart.kind === "view" ? null : standing.rows_changed;
  return [
    resultOf({
      unique_id: ids.mart(mart),
      status: status === "current" ? "success" : "error",
      message: error ?? (rows_changed === null ? statements[mart.kind] : `${statements[mart.kind]} ${rows_changed}`),
      failures: null,
      completed_at: refreshed_at ?? built_at,
      duration_ms: duration_ms ?? 0,
      compiled_code: source.select,
      relation_name: relationName(database, "marts", mart.name),
      adapter_response: rows_changed === null ? {} : { rows_affected: rows_changed },
    }),
  ];
}

function testResult({ unique_id, sql }: Ran, ran: RecordedTest | undefined): Result[] {
  if (ran === undefined) return [];
  const { status, error, rows, tested_at, duration_ms } = ran;
  return [
    resultOf({
      unique_id,
      status,
      message: error ?? (rows === 0 ? null : `${rows} ${rows === 1 ? "row fails" : "rows fail"}`),
      failures: status === "error" ? null : rows,
      completed_at: tested_at,
      duration_ms,
      compiled_code: sql,
      relation_name: null,
      adapter_response: {},
    }),
  ];
}

function resultOf(told: {
  readonly unique_id: string;
  readonly status: RecordedTest["status"] | "success";
  readonly message: string | null;
  readonly failures: number | null;
  readonly completed_at: string;
  readonly duration_ms: number;
  readonly compiled_code: string;
  readonly relation_name: string | null;
  readonly adapter_response: Readonly<Record<string, unknown>>;
}) {
  const { completed_at, duration_ms, ...rest } = told;
  const end_ms = Date.parse(completed_at);
  const [started, completed] = [new Date(end_ms - duration_ms), new Date(end_ms)].map((at) => at.toISOString());
  return {
    ...rest,
    timing: [{ name: "execute", started_at: started, completed_at: completed }],
    thread_id: "Thread-1",
    execution_time: duration_ms / 1000,
    compiled: true,
  };
}
