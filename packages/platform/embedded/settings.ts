/** Server settings by name, as postgresql.conf spells them. */
export type Settings = Readonly<Record<string, string | number>>;

/** What every embedded cluster runs with unless the caller says otherwise: durable, for one machine with an SSD, in UTC. */
const productSettings: Settings = {
  max_connections: 100,
  shared_buffers: "256MB",
  random_page_cost: 1.1,
  jit: "off",
  wal_level: "logical",
  max_wal_size: "2GB",
  timezone: "UTC",
  log_timezone: "UTC",
  log_line_prefix: "%m [%p] %d ",
  log_checkpoints: "off",
  // Counts what BI tools read: for their logins alone it is switched on, so that intake pays nothing.
  shared_preload_libraries: "pg_stat_statements",
  "pg_stat_statements.track": "none",
};

/** The text of the settings file. The server listens on the loopback address only: a socket file would outlive a killed server. */
export function settingsFile(port: number, settings: Settings): string {
  const all: Settings = { ...productSettings, ...settings, listen_addresses: "127.0.0.1", port, unix_socket_directories: "" };
  const lines = Object.entries(all).map(([name, value]) => `${name} = '${String(value).replaceAll("'", "''")}'`);
  return `# Written by Jukebase at every start; changes made here are lost. Put your own into postgresql.auto.conf (alter system).\n${lines.join("\n")}\n`;
}
