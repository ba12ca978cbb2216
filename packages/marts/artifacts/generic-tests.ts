import type { MartTest } from "@jukebase/platform/mart-test.ts";

/** How a declared test is called in the field: the generic test that tools know, its arguments, and the column that it is of. */
export type GenericTest = {
  readonly column: string | null;
  readonly metadata: {
    readonly name: string;
    readonly kwargs: Readonly<Record<string, unknown>>;
    readonly namespace: string | null;
  };
};

/**
 * The generic test that says the same. Tests that dbt or its common packages have carry their names and arguments, so that tools draw
 * keys and badges from them; the others are in the namespace of this project. `model` is how the arguments name the mart.
 */
export function genericTest(test: MartTest, model: string, project: string): GenericTest {
  const of = (
    column: string | null,
    name: string,
    kwargs: Readonly<Record<string, unknown>>,
    namespace: string | null = null,
  ): GenericTest => ({
    column,
    metadata: { name, kwargs: { model, ...(column === null ? {} : { column_name: column }), ...kwargs }, namespace },
  });
  switch (test.test) {
    case "unique":
      return test.columns.length === 1
        ? of(test.columns[0] ?? null, "unique", {})
        : of(null, "unique_combination_of_columns", { combination_of_columns: test.columns }, "dbt_utils");
    case "not_null":
      return of(test.column, "not_null", {});
    case "accepted_values":
      return of(test.column, "accepted_values", {
        values: test.values,
        quote: test.values.some((one) => typeof one === "string"),
      });
    case "relationships":
      return test.columns.length === 1
        ? of(test.columns[0] ?? null, "relationships", { to: `ref('${test.mart}')`, field: test.to[0] })
        : of(null, "relationships_of_columns", { columns: test.columns, to: `ref('${test.mart}')`, fields: test.to }, project);
    case "expression":
      return of(null, "expression_is_true", { expression: test.sql }, "dbt_utils");
    case "row_count":
      return of(
        null,
        "expect_table_row_count_to_be_between",
        { min_value: test.min ?? null, max_value: test.max ?? null },
        "dbt_expectations",
      );
    case "freshness":
      return of(test.column, "freshness", { within_s: test.within_s }, project);
    case "volume_anomaly":
    case "column_anomaly": {
      const { test: name, name: _, severity, warnFrom, errorFrom, where, ...kwargs } = test;
      return of("column" in kwargs ? kwargs.column : null, name, kwargs, project);
    }
  }
}
