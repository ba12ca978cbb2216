import { measureArtifacts } from "@jukebase/marts/artifacts/measure.ts";
import type { Project } from "@jukebase/marts/artifacts/project.ts";
import { type Artifacts, artifactsOf, countsOf } from "@jukebase/marts/artifacts/write.ts";
import { complaintsOfDbt, hasSchemas, onlyWithSchemas } from "@jukebase/marts/schemas.testing.ts";
import { connect, pgExecutor } from "@jukebase/platform";
import { testDatabase } from "@jukebase/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installationProject } from "./artifacts.ts";
import { domains } from "./index.ts";
import { type OpenedForTest, openedForTest } from "./opened.testing.ts";

let opened: OpenedForTest;
let project: Project;
let artifacts: Artifacts;

const invocation = { generated_at: "2026-01-01T00:00:00.000Z", id: "5f2c1b9e-0000-4000-8000-000000000000" };
const marts = domains.flatMap((domain) => domain.marts);
const console = "https://jukebase.example";

beforeAll(async () => {
  opened = await openedForTest();
  project = await installationProject(opened.jukebase, { version: "1.2.3", console });
  artifacts = artifactsOf(project, invocation);
});
afterAll(() => opened.close());

const schemas = [
  ["manifest.json", "schemas_dbt_manifest_v12.json"],
  ["catalog.json", "schemas_dbt_catalog_v1.json"],
  ["run_results.json", "schemas_dbt_run-results_v6.json"],
  ["sources.json", "schemas_dbt_sources_v3.json"],
] as const;

const manifest = () => artifacts["manifest.json"];
const catalog = () => artifacts["catalog.json"];
const nodes = (type: string) => Object.values(manifest().nodes).filter(({ resource_type }) => resource_type === type);
const count = async (sql: string) => {
  const { rows } = await opened.jukebase.database.pg.query<{ count: number }>(`select count(*)::int as count from ${sql}`);
  return rows[0]?.count;
};

describe.skipIf(!hasSchemas)(`dbt's own schemas${onlyWithSchemas}`, () => {
  test.each(schemas)("hold for %s", (artifact, schema) => {
    expect(complaintsOfDbt(schema, artifacts[artifact])).toEqual([]);
  });

  test("would object to a node without its path", () => {
    const [first] = Object.values(manifest().nodes);
    const broken = { ...manifest(), nodes: { ...manifest().nodes, broken: { ...first, original_file_path: undefined } } };
    expect(complaintsOfDbt("schemas_dbt_manifest_v12.json", broken)).not.toEqual([]);
  });
});

test.skipIf(!hasSchemas)(
  `dbt's own schemas hold for a project of 400 marts, with every kind of mart and test${onlyWithSchemas}`,
  async () => {
    const database = await testDatabase();
    const { pg, end } = await connect(database.url, { max: 1 });
    const { project: many, artifacts: made } = await measureArtifacts(pgExecutor(pg), 400);
    for (const [artifact, schema] of schemas) expect(complaintsOfDbt(schema, made[artifact])).toEqual([]);
    expect(countsOf(made)).toMatchObject({ marts: 400, sources: 40, tests: many.tests.length, columns: 3600 });
    await end();
    await database.drop();
  },
);

describe("what is counted", () => {
  test("marts are those of the registry", async () => {
    expect(nodes("model").length + nodes("snapshot").length).toBe(await count("marts_store.mart"));
  });

  test("columns of the catalogue are those of information_schema, in their order, and of the manifest", async () => {
    const { rows } = await opened.jukebase.database.pg.query<{ mart: string; columns: string[] }>(`
      select columns.table_name as mart, array_agg(columns.column_name::text order by ordinal_position) as columns
      from information_schema.columns
      join marts_store.mart on mart.name = columns.table_name
      where columns.table_schema = 'marts'
      group by 1`);
    expect(rows.length).toBe(marts.length);
    for (const { mart, columns } of rows) {
      const [table] = Object.values(catalog().nodes).filter(({ metadata }) => metadata.name === mart);
      expect(Object.keys(table?.columns ?? {})).toEqual(columns);
      const [node] = Object.values(manifest().nodes).filter((one) => one.name === mart);
      expect(Object.keys(node?.columns as object).toSorted()).toEqual(columns.toSorted());
    }
    expect(countsOf(artifacts).columns).toBe(
      await count(`information_schema.columns
        where (table_schema = 'marts' and table_name in (select name from marts_store.mart))
          or (table_schema = 'seeds' and table_name in (select name from seeds.file))`),
    );
  });

  test("sources are the tables of the domains, with all their columns", async () => {
    const tables =
      "pg_class where relkind in ('r', 'p', 'v', 'm') and relnamespace in ('sales'::regnamespace, 'music'::regnamespace)";
    const fromDomains = Object.values(manifest().sources).filter(({ schema }) => schema === "sales" || schema === "music");
    expect(fromDomains.length).toBe(await count(tables));
    const columns = Object.values(catalog().sources).flatMap((source) => Object.keys(source.columns));
    const schemas = [...new Set(Object.values(catalog().sources).map(({ metadata }) => `'${metadata.schema}.${metadata.name}'`))];
    expect(columns.length).toBe(
      await count(`information_schema.columns where table_schema || '.' || table_name in (${schemas.join(", ")})`),
    );
  });

  test("tests are those that are declared, checks among them", () => {
    const checks = domains.flatMap((domain) => domain.checks);
    expect(nodes("test").length).toBe(project.tests.length + checks.length);
    expect(Object.keys(manifest().nodes).length).toBe(nodes("test").length + marts.length + nodes("seed").length);
  });

  test("types are as Postgres says them", async () => {
    const { rows } = await opened.jukebase.database.pg.query<{ type: string }>(
      "select format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = 'marts.fct_sales'::regclass and attname = 'allocated_at'",
    );
    expect(manifest().nodes["model.jukebase.fct_sales"]?.columns).toMatchObject({ allocated_at: { data_type: rows[0]?.type } });
  });
});

describe("edges", () => {
  test("every node is a key in both maps, and the maps say the same from both sides", () => {
    const { nodes: all, sources, exposures, unit_tests, child_map, parent_map } = manifest();
    const ids = [all, sources, exposures, unit_tests].flatMap((part) => Object.keys(part)).toSorted();
    expect(Object.keys(child_map)).toEqual(ids);
    expect(Object.keys(parent_map)).toEqual(ids);
    for (const id of ids) {
      for (const child of child_map[id] ?? []) expect(parent_map[child]).toContain(id);
      for (const parent of parent_map[id] ?? []) expect(child_map[parent]).toContain(id);
    }
  });

  test("a mart stands on what it reads, a report's page on its marts", () => {
    expect(manifest().parent_map["model.jukebase.fct_daily_cash_received"]).toContain("model.jukebase.fct_payments");
    expect(manifest().parent_map["model.jukebase.fct_sales"]).toContain("source.jukebase.sales.allocation");
    expect(manifest().parent_map["exposure.jukebase.report_total_sales"]).toEqual(["model.jukebase.fct_sales"]);
    expect(manifest().exposures["exposure.jukebase.report_total_sales"]?.url).toBe(`${console}/reports/total-sales`);
  });
});

describe("how things stand", () => {
  test("a source is complete up to now while nothing waits", () => {
    const [result] = artifacts["sources.json"].results;
    expect(result).toMatchObject({ status: "pass", max_loaded_at: invocation.generated_at, max_loaded_at_time_ago_in_s: 0 });
  });

  test("a source is late from the oldest event on that its projection has not read", () => {
    const progress = project.progress.map((one) => ({ ...one, oldest_unread: "2025-12-31T23:50:00.000Z" }));
    const { results } = artifactsOf({ ...project, progress }, invocation)["sources.json"];
    expect(results.find(({ unique_id }) => unique_id === "source.jukebase.sales.allocation")).toMatchObject({
      status: "warn",
      max_loaded_at_time_ago_in_s: 600,
      criteria: { warn_after: { count: 1, period: "minute" } },
    });
  });

  test("the query that a source's freshness is told by runs", async () => {
    const source = manifest().sources["source.jukebase.sales.allocation"];
    const { rows } = await opened.jukebase.database.pg.query(String(source?.loaded_at_query));
    expect(rows.length).toBe(1);
  });

  test("each mart's last refresh is a result", () => {
    const results = artifacts["run_results.json"].results.filter(({ unique_id }) => !unique_id.startsWith("test."));
    expect(results.map(({ unique_id }) => unique_id)).toEqual(
      [...nodes("model"), ...nodes("snapshot")].map(({ unique_id }) => unique_id).toSorted(),
    );
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(["success"]));
  });
});

test("equal projects give equal bytes, in whatever order their parts are named", () => {
  const texts = Object.entries(artifacts).map(([name, artifact]) => [name, JSON.stringify(artifact)] as const);
  fc.assert(
    fc.property(fc.infiniteStream(fc.nat()), (chance) => {
      const shuffled = <T>(values: readonly T[]) =>
        values
          .map((value) => ({ value, place: Number(chance.next().value) }))
          .toSorted((a, b) => a.place - b.place)
          .map(({ value }) => value);
      const other = artifactsOf(
        {
          ...project,
          marts: shuffled(project.marts),
          tests: shuffled(project.tests),
          checks: shuffled(project.checks),
          exposures: shuffled(project.exposures),
          relations: shuffled(project.relations),
          progress: shuffled(project.progress),
        },
        invocation,
      );
      for (const [name, text] of texts) expect(JSON.stringify(other[name as keyof Artifacts]) === text, name).toBe(true);
    }),
    { numRuns: 10 },
  );
});

test("another run differs in its instant and its id alone", () => {
  const later = artifactsOf(project, { generated_at: "2026-01-02T00:00:00.000Z", id: "other" });
  const told = (made: Artifacts) => JSON.stringify([made["manifest.json"], made["catalog.json"], made["run_results.json"]]);
  expect(
    told(later).replaceAll("2026-01-02T00:00:00.000Z", invocation.generated_at).replaceAll('"other"', `"${invocation.id}"`),
  ).toBe(told(artifacts));
});
