import { configVariables } from "@jukebase/platform";
import { code, generated, markdownTable } from "./markdown.ts";

const meanings: Readonly<Record<string, readonly [usual: string, meaning: string]>> = {
  DATABASE_URL: [
    "",
    "The Postgres to use (18 or newer), `postgres://user:password@host:port/database`. Without it an embedded one is started in `JUKEBASE_HOME`.",
  ],
  DATABASE_URL_FILE: ["", "A file that holds the database's address, instead of `DATABASE_URL`: a mounted secret, for example."],
  JUKEBASE_HOME: [
    ".jukebase",
    "The folder of the embedded database, the master key and generated scenarios. Default: in the project's folder.",
  ],
  JUKEBASE_KEY: [
    "",
    "The master key of the vault: 32 bytes in base64 (`openssl rand -base64 32`). Without it `master.key` is made in `JUKEBASE_HOME`. Back it up.",
  ],
  JUKEBASE_KEY_FILE: [
    "",
    "A file that holds the master key, a mounted secret say; instead of `JUKEBASE_KEY`. It is read, never written.",
  ],
  JUKEBASE_NEW_KEY: ["", "The next master key, for `jukebase privacy rotate-master` alone."],
  JUKEBASE_SEALED_DAYS: [
    "90",
    "For how many days quarantined bytes and unknown fields stay readable; then the key of their day is deleted.",
  ],
  JUKEBASE_HOST: ["127.0.0.1", "The address at which API and console listen."],
  JUKEBASE_API_PORT: ["7410", "The API's port; `jukebase serve` passes over one that is taken."],
  JUKEBASE_ADMIN_PORT: ["7420", "The console's port, likewise."],
  JUKEBASE_WORKER_PORT: ["", "Where a worker of its own answers `GET /health`; nowhere unless set."],
  JUKEBASE_ARCHIVE: ["archive in JUKEBASE_HOME", "The folder of the log's archives; every process that projects must reach it."],
  JUKEBASE_TIME_ZONE: [
    "",
    "The IANA zone of business days, for example `Europe/Rome`. It is kept with the installation (UTC at first); another one rebuilds the marts.",
  ],
  JUKEBASE_LOG: ["info", "How much is logged: `silent`, `error`, `warn`, `info` or `debug`."],
  OPENLINEAGE_URL: [
    "",
    "Where [OpenLineage](../how-to/use-dbt-tools.md#openlineage) events of builds, refreshes and tests of marts are sent, for example `http://marquez:5000`; nowhere unless set.",
  ],
  OPENLINEAGE_ENDPOINT: ["api/v1/lineage", "The path beneath `OPENLINEAGE_URL`."],
  OPENLINEAGE_API_KEY: ["", "The key that is sent along, as `Authorization: Bearer`."],
  OPENLINEAGE_NAMESPACE: ["jukebase", "The namespace of the jobs in these events."],
  OPENLINEAGE_FILE: ["", "A file to which the events are appended instead, one line of JSON each."],
};

/** The page on the environment's variables. Throws when one of them is not described here. */
export function configPage(): string {
  const undescribed = configVariables.filter((name) => !(name in meanings));
  if (undescribed.length > 0) throw new Error(`Describe in reference/config-page.ts: ${undescribed.join(", ")}`);
  const rows = configVariables.map((name) => {
    const [usual, meaning] = meanings[name] as readonly [string, string];
    return [code(name), code(usual), meaning];
  });
  const intro =
    "Jukebase is configured by environment variables alone. An unknown `JUKEBASE_` variable is refused, so that a typing error is not silent.";
  return ["# Configuration", generated, intro, markdownTable(["variable", "default", "meaning"], rows)].join("\n\n");
}
