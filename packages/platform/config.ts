import { readFileSync } from "node:fs";
import { z } from "zod";
import { Invalid } from "./errors.ts";

/** What an installation is told by its environment. */
export type Config = {
  /** The folder that holds the embedded database, the key file and what is handed over for loading. */
  readonly home: string;
  readonly databaseUrl: string | undefined;
  /** The folder of the log's archives; `archive` in `home` unless said. */
  readonly archive?: string | undefined;
  /** Master key of the vault, base64 of 32 bytes; without one a key file is made in `home`. */
  readonly key: string | undefined;
  /** A file that holds the master key, kept by somebody else (a mounted secret). */
  readonly keyFile?: string | undefined;
  /** The master key that is to be the next one; read by the command that changes it. */
  readonly newKey?: string | undefined;
  /** For how many days quarantined bytes and unknown fields stay readable; 90 unless told. */
  readonly sealedDays?: number | undefined;
  /** Reporting zone (IANA) to set; undefined leaves the installation's as it is (UTC at first). */
  readonly timeZone?: string | undefined;
  readonly host: string;
  readonly apiPort: number;
  readonly adminPort: number;
  /** Where a worker of its own says whether it is healthy; undefined: nowhere. */
  readonly workerPort?: number | undefined;
  readonly logLevel: "silent" | "error" | "warn" | "info" | "debug";
  /** Where OpenLineage events of builds, refreshes and tests of marts go; undefined: nowhere. */
  readonly openLineage?: OpenLineageConfig | undefined;
};

/** An HTTP endpoint, or a file that events are appended to, and the namespace of the jobs. */
export type OpenLineageConfig = { readonly namespace: string } & (
  | { readonly file: string }
  | { readonly url: string; readonly path: string; readonly apiKey: string | undefined }
);

const port = z.coerce.number().int().min(0).max(65_535);

const variables = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, "starts with postgres:// or postgresql://")
    .optional(),
  DATABASE_URL_FILE: z.string().min(1).optional(),
  JUKEBASE_HOME: z.string().min(1).optional(),
  JUKEBASE_ARCHIVE: z.string().min(1).optional(),
  JUKEBASE_KEY: z.string().min(1).optional(),
  JUKEBASE_KEY_FILE: z.string().min(1).optional(),
  JUKEBASE_NEW_KEY: z.string().min(1).optional(),
  JUKEBASE_SEALED_DAYS: z.coerce.number().int().min(1).max(3650).default(90),
  JUKEBASE_TIME_ZONE: z.string().min(1).optional(),
  JUKEBASE_HOST: z.string().min(1).default("127.0.0.1"),
  JUKEBASE_API_PORT: port.default(7410),
  JUKEBASE_ADMIN_PORT: port.default(7420),
  JUKEBASE_WORKER_PORT: port.optional(),
  JUKEBASE_LOG: z.enum(["silent", "error", "warn", "info", "debug"]).default("info"),
  OPENLINEAGE_URL: z
    .string()
    .regex(/^https?:\/\/[^\s]+$/, "starts with http:// or https://")
    .optional(),
  OPENLINEAGE_ENDPOINT: z.string().min(1).default("api/v1/lineage"),
  OPENLINEAGE_API_KEY: z.string().min(1).optional(),
  OPENLINEAGE_NAMESPACE: z.string().min(1).default("jukebase"),
  OPENLINEAGE_FILE: z.string().min(1).optional(),
});

/** Every variable that is read, for the documentation. */
export const configVariables: readonly string[] = Object.keys(variables.shape);

/** Reads the environment. Throws one `Invalid` that lists everything that is wrong, unknown JUKEBASE_ variables (but JUKEBASE_TEST_) included. */
export function readConfig(env: Readonly<Record<string, string | undefined>>, root: string): Config {
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith("JUKEBASE_") && !name.startsWith("JUKEBASE_TEST_") && !configVariables.includes(name),
  );
  const given = Object.fromEntries(configVariables.map((name) => [name, env[name] === "" ? undefined : env[name]]));
  const { url, problem } = addressOf(given);
  const parsed = variables.safeParse({ ...given, DATABASE_URL: url });
  const problems = [
    ...(problem === undefined ? [] : [problem]),
    ...unknown.map((name) => `${name} is not known; known are ${configVariables.join(", ")}`),
    ...(given.JUKEBASE_KEY && given.JUKEBASE_KEY_FILE ? ["JUKEBASE_KEY and JUKEBASE_KEY_FILE are both set; give one"] : []),
    ...(given.OPENLINEAGE_URL && given.OPENLINEAGE_FILE ? ["OPENLINEAGE_URL and OPENLINEAGE_FILE are both set; give one"] : []),
    ...(parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`)),
  ];
  if (!parsed.success || problems.length > 0) throw new Invalid(`The environment cannot be used:\n  ${problems.join("\n  ")}`);
  const values = parsed.data;
  return {
    home: values.JUKEBASE_HOME ?? `${root}/.jukebase`,
    databaseUrl: values.DATABASE_URL,
    archive: values.JUKEBASE_ARCHIVE,
    key: values.JUKEBASE_KEY,
    keyFile: values.JUKEBASE_KEY_FILE,
    newKey: values.JUKEBASE_NEW_KEY,
    sealedDays: values.JUKEBASE_SEALED_DAYS,
    timeZone: values.JUKEBASE_TIME_ZONE,
    host: values.JUKEBASE_HOST,
    apiPort: values.JUKEBASE_API_PORT,
    adminPort: values.JUKEBASE_ADMIN_PORT,
    workerPort: values.JUKEBASE_WORKER_PORT,
    logLevel: values.JUKEBASE_LOG,
    openLineage: openLineageOf(values),
  };
}

function openLineageOf(values: z.infer<typeof variables>): OpenLineageConfig | undefined {
  const { OPENLINEAGE_URL: url, OPENLINEAGE_FILE: file, OPENLINEAGE_NAMESPACE: namespace } = values;
  if (file !== undefined) return { namespace, file };
  if (url === undefined) return undefined;
  return { namespace, url, path: values.OPENLINEAGE_ENDPOINT, apiKey: values.OPENLINEAGE_API_KEY };
}

/** The database's address; a file may hold it, so that its password stands in no environment. */
function addressOf(given: Readonly<Record<string, string | undefined>>): { url?: string | undefined; problem?: string } {
  const file = given.DATABASE_URL_FILE;
  if (file === undefined) return { url: given.DATABASE_URL };
  if (given.DATABASE_URL !== undefined) return { problem: "DATABASE_URL and DATABASE_URL_FILE are both set; give one" };
  try {
    const url = readFileSync(file, "utf8").trim();
    return url === "" ? { problem: `DATABASE_URL_FILE names ${file}, which is empty` } : { url };
  } catch (error) {
    return { problem: `DATABASE_URL_FILE cannot be read: ${(error as Error).message}` };
  }
}
