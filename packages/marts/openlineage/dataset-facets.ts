import type { ToldTest } from "../listener.ts";
import type { Datasets } from "./datasets.ts";
import type { ColumnOrigins, DescribedMart } from "./describe-marts.ts";
import { type Facets, facet } from "./run-event.ts";

/** The columns of a mart, and what each is made of. Where an origin is unknown the column has none: nothing is guessed. */
export function datasetFacets(producer: string, datasets: Datasets, mart: DescribedMart): Facets {
  const fields = mart.columns.map(({ name, type, description, index }) => ({
    name,
    ...(type === undefined ? {} : { type }),
    description,
    ordinal_position: index,
  }));
  if (mart.origins.length === 0) return facet(producer, "schema", { fields });
  const sensitive = new Set(mart.columns.filter((column) => column.sensitive).map(({ name }) => name));
  const lineage = mart.origins.map(({ column, from }) => [
    column,
    { inputFields: from.map((origin) => inputField(datasets, origin, sensitive.has(column))) },
  ]);
  return {
    ...facet(producer, "schema", { fields }),
    ...facet(producer, "columnLineage", { fields: Object.fromEntries(lineage) }),
  };
}

/** What tests said of a mart: one assertion each. */
export function assertions(producer: string, tests: readonly ToldTest[]): Facets {
  return facet(producer, "dataQualityAssertions", {
    assertions: tests.map(({ name, test, column, words, severity, status, rows, sql }) => ({
      assertion: test,
      success: status === "pass",
      ...(column === undefined ? {} : { column }),
      severity,
      name,
      description: words,
      expected: "0",
      ...(status === "error" ? {} : { actual: String(rows) }),
      content: sql,
      contentType: "sql",
    })),
  });
}

const ways = {
  same: { type: "DIRECT", subtype: "IDENTITY" },
  computed: { type: "DIRECT", subtype: "TRANSFORMATION" },
  condition: { type: "INDIRECT", subtype: "CONDITIONAL" },
} as const;

function inputField({ dataset }: Datasets, { relation, column, how }: ColumnOrigins["from"][number], masking: boolean) {
  return { ...dataset(relation), field: column, transformations: [{ ...ways[how], masking }] };
}
