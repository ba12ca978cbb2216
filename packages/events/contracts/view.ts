import type { ContractColumn } from "@jukebase/platform/contract.ts";
import { LOG_COLUMNS } from "./columns.ts";
import type { Version } from "./version.ts";

/** What the typed view of a contract is made from. */
export type Viewed = {
  readonly type: string;
  readonly versions: readonly Version[];
  readonly columns: readonly ContractColumn[];
};

/**
 * The SELECT of the typed view over a relation with the columns log_id, event_key, type, source, namespace, event_id,
 * occurred_at, recorded_at, version and data: one row per event of the type, each column cast from its place in `data`.
 */
export const selectOf = ({ type, versions, columns }: Viewed, relation: string): string => {
  const passed = LOG_COLUMNS.map((name) => (name === "version" ? "version::integer as version" : name));
  const cast = columns.map((column) => `${expressionOf(column, versions)} as ${column.name}`);
  return `select\n  ${[...passed, ...cast].join(",\n  ")}\nfrom ${relation}\nwhere type = '${type}'`;
};

const expressionOf = (column: ContractColumn, versions: readonly Version[]): string => {
  const own = versions.flatMap(({ number, sql }) => {
    const expression = sql?.[column.name];
    return expression === undefined ? [] : [`when ${number} then (${expression})`];
  });
  return own.length === 0 ? placeOf(column) : `case version ${own.join(" ")} else ${placeOf(column)} end`;
};

const placeOf = ({ path, sql }: ContractColumn): string => {
  const [first = ""] = path;
  if (sql === "jsonb") return `data #> '{${path.join(",")}}'`;
  const text = path.length === 1 ? `data ->> '${first}'` : `data #>> '{${path.join(",")}}'`;
  return sql === "text" ? text : `(${text})::${sql}`;
};
