/** A Postgres for one test run. `url` may create databases. `stop` leaves nothing of it behind. */
export type TestServer = { readonly url: string; readonly stop: () => Promise<void> };

/** Faster and not durable: a test's database is thrown away anyway. */
export const testSettings = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  wal_level: "logical",
  max_connections: "200",
  timezone: "UTC",
  shared_preload_libraries: "pg_stat_statements",
  "pg_stat_statements.track": "none",
};
