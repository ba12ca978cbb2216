import { anchorOf, type MartLinks } from "../links.ts";

/** The documentation as files beside one another; `base` is the way from the page's folder to the first one. */
export function siteLinks(base: string, schemas: readonly string[]): MartLinks {
  const hash = (...names: readonly string[]): string => `#${anchorOf(...names)}`;
  return {
    catalogue: `${base}index.html`,
    mart: (name) => `${base}marts/${name}.html`,
    lineage: ({ focus, columns, column }) => {
      if (focus === undefined) return `${base}lineage.html`;
      if (!focus.startsWith("mart:")) return undefined;
      const name = focus.slice("mart:".length);
      return columns
        ? `${base}columns/${name}.html${column === undefined ? "" : hash(name, column)}`
        : `${base}marts/${name}.html#lineage`;
    },
    diagram: (schema, table) =>
      schema === "marts" || schemas.includes(schema)
        ? `${base}diagrams/${schema}.html${table === undefined ? "" : hash(table)}`
        : undefined,
    test: () => undefined,
    other: () => undefined,
  };
}
