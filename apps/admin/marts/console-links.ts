import { address } from "../asked.ts";
import { anchorOf, type MartLinks } from "./links.ts";

/** The documentation as pages of the console. */
export function consoleLinks(schemas: readonly string[]): MartLinks {
  return {
    catalogue: "/marts",
    mart: (name) => `/marts/${name}`,
    // Who follows a box wants to stay at the drawing.
    lineage: ({ focus, depth, direction, columns, column }) => {
      const query = address("/lineage", { focus, depth, direction, columns: columns ? 1 : undefined, column });
      return focus === undefined ? query : `${query}#focus`;
    },
    diagram: (schema, table) =>
      schema === "marts" || schemas.includes(schema)
        ? `/diagrams/${schema}${table === undefined ? "" : `#${anchorOf(table)}`}`
        : undefined,
    test: (name) => `/marts/tests/${encodeURIComponent(name)}`,
    other: ({ kind, name, id }) => {
      if (kind === "event") return `/contracts/${name}`;
      if (kind === "report") return `/reports/${name}`;
      return kind === "page" ? id.slice("page:".length) : undefined;
    },
  };
}
