import { describe, expect, test } from "vitest";
import { sampleProject } from "./sample-project.testing.ts";
import { artifactsOf } from "./write.ts";

const invocation = { generated_at: "2026-01-01T00:00:00.000Z", id: "one" };
const { "manifest.json": manifest, "catalog.json": catalog, "sources.json": sources } = artifactsOf(sampleProject(), invocation);

const nodes = Object.values(manifest.nodes);
const models = nodes.filter(({ resource_type }) => resource_type === "model");
const tests = nodes.filter(({ resource_type }) => resource_type === "test");
const payments = manifest.nodes["model.shop.fct_payments"];
const testOf = (name: string) => tests.find((one) => one.name === name);

describe("dbt's docs page finds what it shows", () => {
  test("metadata and nodes, of which each that stands in the tree has a path, a config and a type", () => {
    expect(manifest.metadata.send_anonymous_usage_stats).toBe(false);
    expect(catalog.nodes["model.shop.fct_payments"]?.columns.amount).toEqual({
      name: "amount",
      type: "text",
      index: 3,
      comment: null,
    });
    for (const node of nodes) {
      expect(node).toMatchObject({ original_file_path: expect.stringMatching(/^packages\//), resource_type: expect.any(String) });
      expect(node.config).toMatchObject({ materialized: expect.any(String) });
      expect(node.docs).toMatchObject({ show: true });
    }
  });

  test("the contract where it looks for it, in the config", () => {
    for (const model of models) expect(model.config).toMatchObject({ contract: { enforced: true } });
  });

  test("code, tags, group, access, and a landing page", () => {
    expect(payments).toMatchObject({
      raw_code: "-- The rule of fct_payments.\nselect\n",
      compiled_code: "-- The rule of fct_payments.\nselect",
      tags: ["rollup"],
      group: "sales_team",
      access: "public",
    });
    expect(Object.values(manifest.docs)).toMatchObject([{ name: "__overview__", block_contents: "# Shop" }]);
    expect(manifest.groups["group.shop.sales_team"]?.owner).toEqual({ name: "Sales Team", email: null });
  });

  test("its badges: a test's name, its arguments, its column; the tested mart is the first it depends on, or the last of a reference", () => {
    const badges = tests.map(({ test_metadata, column_name, depends_on, name }) => {
      const { name: kind, namespace } = test_metadata as { name: string; namespace: string | null };
      const on = depends_on?.nodes ?? [];
      return [
        name,
        namespace === null ? kind : `${namespace}.${kind}`,
        column_name,
        kind === "relationships" ? on.at(-1) : on[0],
      ];
    });
    expect(badges).toEqual(
      expect.arrayContaining([
        ["unique_fct_payments_payment_id", "unique", "payment_id", "model.shop.fct_payments"],
        ["not_null_fct_payments_payment_id", "not_null", "payment_id", "model.shop.fct_payments"],
        ["accepted_values_fct_payments_amount", "accepted_values", "amount", "model.shop.fct_payments"],
        ["relationships_fct_payments_customer_id_dim_customers", "relationships", "customer_id", "model.shop.fct_payments"],
        [
          "unique_fct_monthly_cash_month_customer_id",
          "dbt_utils.unique_combination_of_columns",
          null,
          "model.shop.fct_monthly_cash",
        ],
        ["not_null_dim_customer_versions_customer_id", "not_null", "customer_id", "snapshot.shop.dim_customer_versions"],
      ]),
    );
    expect(testOf("accepted_values_fct_payments_amount")?.test_metadata).toMatchObject({ kwargs: { values: ["1", "2"] } });
  });
});

describe("Lightdash finds what it reads", () => {
  test("a version that it takes, of Postgres", () => {
    expect(/(v\d+)\.json/.exec(manifest.metadata.dbt_schema_version)?.[1]).toBe("v12");
    expect(manifest.metadata).toMatchObject({ generated_at: invocation.generated_at, adapter_type: "postgres" });
    expect([manifest.metrics, typeof manifest.docs]).toEqual([{}, "object"]);
  });

  test("models with a database, all of them compiled, none ephemeral, columns with meta in both places", () => {
    expect(models.length).toBe(3);
    for (const model of models) {
      expect(model).toMatchObject({ database: "shop db", compiled: true, relation_name: `"shop db"."marts"."${model.name}"` });
      expect(model.config).not.toMatchObject({ materialized: "ephemeral" });
      for (const column of Object.values(model.columns as object)) expect(column.config.meta).toEqual(column.meta);
    }
  });

  test("types by the catalogue, under the name that the model has", () => {
    for (const { unique_id } of models)
      expect(catalog.nodes[unique_id]?.metadata).toMatchObject({ database: "shop db", schema: "marts" });
  });

  test("that a column is sensitive", () => {
    expect(manifest.nodes["model.shop.dim_customers"]?.columns).toMatchObject({
      email: { tags: ["sensitive"], meta: { sensitive: true, masked_as: "null" } },
    });
  });
});

describe("dbt-metabase finds what it reads", () => {
  test("every node and source is a key of child_map", () => {
    for (const id of [...Object.keys(manifest.nodes), ...Object.keys(manifest.sources)])
      expect(manifest.child_map).toHaveProperty([id]);
  });

  test("keys and references as constraints of columns", () => {
    expect(payments?.columns).toMatchObject({
      payment_id: { constraints: [{ type: "not_null" }, { type: "primary_key" }] },
      customer_id: {
        constraints: [{ type: "foreign_key", to: '"shop db"."marts"."dim_customers"', to_columns: ["customer_id"] }],
      },
    });
    expect(manifest.nodes["model.shop.fct_monthly_cash"]?.constraints).toMatchObject([
      { type: "primary_key", columns: ["month", "customer_id"] },
      { type: "foreign_key", columns: ["month", "customer_id"], to_columns: ["month", "customer_id"] },
    ]);
  });

  test("a foreign key by its relationships test: the field, and the other mart as what remains beside the own", () => {
    const id = "model.shop.fct_payments";
    const children = (manifest.child_map[id] ?? []).map((child) => manifest.nodes[child]);
    const found = children.filter((node) => (node?.test_metadata as { name?: string } | undefined)?.name === "relationships");
    expect(found.length).toBe(1);
    const [relationship] = found;
    expect(relationship?.depends_on?.nodes?.at(1)).toBe(id);
    expect(relationship?.depends_on?.nodes?.filter((node) => node !== id)).toEqual(["model.shop.dim_customers"]);
    expect(relationship?.refs).toEqual([
      { name: "dim_customers", package: null, version: null },
      { name: "fct_payments", package: null, version: null },
    ]);
    expect(relationship?.test_metadata).toMatchObject({ kwargs: { field: "customer_id", to: "ref('dim_customers')" } });
  });

  test("a reference of several columns does not pass for one of a column", () => {
    const names = tests.map(({ test_metadata }) => (test_metadata as { name: string }).name);
    expect(names.filter((name) => name === "relationships").length).toBe(1);
    expect(names).toContain("relationships_of_columns");
  });
});

describe("dbt-checkpoint finds what it reads", () => {
  test("ids that end in the file's name, the file of the properties, meta, tags, both maps", () => {
    for (const model of models) {
      const path = String(model.original_file_path);
      expect(path.split("/").at(-1)).toBe(`${model.unique_id.split(".").at(-1)}.sql`);
      expect(model.patch_path).toBe(`shop://${path.replace(".sql", ".ts")}`);
      expect(model.meta).toMatchObject({ owner: "Sales Team", grain: "One of them." });
    }
    expect(manifest.parent_map["model.shop.fct_monthly_cash"]).toEqual(["model.shop.fct_payments"]);
    expect(manifest.child_map["source.shop.sales.payment"]).toEqual(["model.shop.dim_customers", "model.shop.fct_payments"]);
  });
});

test("a mart that keeps a history is a snapshot, with its strategy", () => {
  const snapshot = manifest.nodes["snapshot.shop.dim_customer_versions"];
  expect(snapshot).toMatchObject({
    resource_type: "snapshot",
    config: { materialized: "snapshot", strategy: "check", check_cols: ["email"], unique_key: ["customer_id"] },
  });
  expect(snapshot?.columns).toMatchObject({ customer_id: { constraints: [{ type: "not_null" }] } });
});

test("an exposure ends the graph", () => {
  expect(manifest.exposures["exposure.shop.cash_board"]).toMatchObject({
    type: "dashboard",
    label: "Cash",
    url: "https://bi.example/cash",
    owner: { name: "Ann", email: "ann@example.com" },
    depends_on: { nodes: ["model.shop.fct_monthly_cash"] },
  });
});

test("a source has the pace of the mart in the greatest hurry, in whole minutes", () => {
  expect(manifest.sources["source.shop.sales.payment"]?.freshness).toMatchObject({ warn_after: { count: 2, period: "minute" } });
  expect(sources.results).toMatchObject([{ unique_id: "source.shop.sales.payment", status: "pass" }]);
});

test("a test's last run is told with its failures; one that never ran, or is no longer there, is not", () => {
  const run = { status: "warn", rows: 2, error: null, tested_at: "2026-01-01T00:00:01Z", duration_ms: 1500 } as const;
  const recorded = [
    { ...run, name: "unique_fct_payments_payment_id" },
    { ...run, name: "gone" },
  ];
  const { results, elapsed_time } = artifactsOf(sampleProject({ recorded }), invocation)["run_results.json"];
  expect(results).toMatchObject([
    {
      unique_id: testOf("unique_fct_payments_payment_id")?.unique_id,
      status: "warn",
      failures: 2,
      message: "2 rows fail",
      execution_time: 1.5,
      timing: [{ started_at: "2025-12-31T23:59:59.500Z", completed_at: "2026-01-01T00:00:01.000Z" }],
    },
  ]);
  expect(elapsed_time).toBe(1.5);
});
