import type { ContractColumn, EventContract } from "@jukebase/platform/contract.ts";
import { snakeCase } from "./names.ts";
import { jsonPath, type Leaf } from "./shape.ts";

/** Columns that every typed view starts with, passed through from the log. */
export const LOG_COLUMNS = [
  "log_id",
  "event_key",
  "source",
  "namespace",
  "event_id",
  "occurred_at",
  "recorded_at",
  "version",
] as const;

/** The view columns of the newest version's leaves; the moment of the event is left out, being `occurred_at` already. */
export const columnsFrom = (leaves: readonly Leaf[], occurredAt: string): ContractColumn[] => {
  const columns = leaves.filter(({ path }) => jsonPath(path) !== `$.${occurredAt}`).map(columnOf);
  const names = new Set<string>(LOG_COLUMNS);
  for (const { name } of columns) {
    if (names.has(name)) throw new Error(`two view columns are called ${name}: give one field another name with { column }`);
    names.add(name);
  }
  return columns;
};

/** The typed view's row of one event in JavaScript: column → value of its data raised to the newest version, null where absent. */
export const columnsOf = (
  contract: Pick<EventContract, "columns" | "upcast" | "version">,
  data: Record<string, unknown>,
  version: number = contract.version,
): Record<string, unknown> => {
  const newest = contract.upcast(data, version);
  return Object.fromEntries(contract.columns.map(({ name, path }) => [name, valueAt(newest, path)]));
};

const columnOf = ({ name, path, rule }: Leaf): ContractColumn => ({
  name: rule.column ?? snakeCase(name),
  sql: rule.pii === undefined ? rule.sql : "text",
  path,
  description: rule.meaning,
  pii: rule.pii !== undefined,
});

const valueAt = (data: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], data) ?? null;
