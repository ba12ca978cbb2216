import type { DatasetName } from "./run-event.ts";

/** How the relations of one database are called: its server without user and password, and its name. */
export type Datasets = {
  readonly namespace: string;
  readonly dataset: (relation: string) => DatasetName;
};

/** The names for a database's address, `postgres://user:password@host:port/database`. `relation` is `schema.name`. */
export function datasetsOf(url: string): Datasets {
  const { hostname, port, pathname, searchParams } = new URL(url);
  const host = hostname || searchParams.get("host") || "localhost";
  const namespace = `postgres://${host}:${port || searchParams.get("port") || "5432"}`;
  const database = decodeURIComponent(pathname.slice(1)) || "postgres";
  return { namespace, dataset: (relation) => ({ namespace, name: `${database}.${relation}` }) };
}
