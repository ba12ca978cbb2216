import { finished } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import {
  type CommonQueryMethods,
  createPool,
  type DatabasePool,
  type Interceptor,
  type QueryResultRow,
  SchemaValidationError,
} from "slonik";
import { type ZodType, z } from "zod";
import type { Executor } from "./executor.ts";

/** Both ways to one database: slonik for what has a shape, plain pg for COPY, cursors, LISTEN and the set-based machinery. */
export type Database = {
  readonly url: string;
  readonly sql: DatabasePool;
  readonly pg: pg.Pool;
  readonly end: () => Promise<void>;
};

// How many connections each pool may have, under which name the server lists them, and what is set in each of them from its beginning.
type ConnectOptions = {
  readonly max?: number;
  readonly name?: string;
  readonly settings?: Readonly<Record<string, string>>;
};

/** Opens both pools. Throws a sentence when nothing answers at `url` or what answers is older than Postgres 18. */
export async function connect(url: string, options: ConnectOptions = {}): Promise<Database> {
  const max = options.max ?? 8;
  const target = sessionsOf(url, options.settings);
  const plain = new pg.Pool({
    connectionString: target,
    max,
    application_name: options.name ?? "jukebase",
    types: { getTypeParser },
    keepAlive: true,
    keepAliveInitialDelayMillis: probe_s * 1000,
    Client: impatient as unknown as typeof pg.Client,
  });
  plain.on("error", () => {}); // An idle connection that the server closed: the pool opens another when it is next needed.
  // One that breaks while somebody holds it tells by the next query; an event that nobody hears would end the process.
  plain.on("connect", (client) => client.on("error", () => {}));
  await refuseOldServer(plain, url);
  const sql = await createPool(target, {
    maxPoolSize: max,
    interceptors: [parseRows],
    typeParsers: exactParsers,
    statementTimeout: "DISABLE_TIMEOUT",
    idleInTransactionSessionTimeout: "DISABLE_TIMEOUT",
  });
  return {
    url,
    sql,
    pg: plain,
    end: async () => {
      await Promise.all([sql.end(), plain.end()]);
    },
  };
}

/** A pg client or pool as the least that the event log asks of a connection. */
export function pgExecutor(client: Pick<pg.Pool, "query"> | pg.ClientBase): Executor {
  return {
    query: async (text, values = []) => (await (client as pg.ClientBase).query(text, [...values])).rows,
  };
}

/** The same of a connection of its own, which can also COPY. */
function clientExecutor(client: pg.PoolClient): Executor {
  return {
    ...pgExecutor(client),
    copyIn: async (text, bytes) => {
      const stream = client.query(copyFrom(text));
      stream.end(bytes);
      await finished(stream);
    },
  };
}

/** A slonik connection or transaction as the same. */
export function slonikExecutor(connection: CommonQueryMethods): Executor {
  return {
    query: async <Row extends Record<string, unknown>>(text: string, values: readonly unknown[] = []) => {
      const token = { type: "SLONIK_TOKEN_QUERY", sql: text, values, parser: z.any() };
      const result = await connection.query(token as unknown as Parameters<typeof connection.query>[0]);
      return [...result.rows] as unknown as Row[];
    },
  };
}

/** Runs `work` in one transaction of its own connection: committed when it returns, rolled back when it throws. */
export async function transaction<T>(
  pool: pg.Pool,
  work: (db: Executor, client: pg.PoolClient) => Promise<T>,
  isolation: "read committed" | "repeatable read" = "read committed",
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(`begin isolation level ${isolation}`);
    const answer = await work(clientExecutor(client), client);
    await client.query("commit");
    return answer;
  } catch (error) {
    await client.query("rollback").catch((failure: Error) => {
      broken = failure; // The connection itself is gone: the server rolls back, the pool must not hand it out again.
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/**
 * The same pool for work that must not hang: whoever holds a connection for longer than `limit_ms` loses it, its queries fail as on one
 * that broke, and the server rolls back what was not committed. A network that swallows bytes says nothing else, ever.
 */
export function bounded(pool: pg.Pool, limit_ms: number): pg.Pool {
  const connect = async (): Promise<pg.PoolClient> => {
    const client = await connectedWithin(pool, limit_ms);
    const giveBack = client.release.bind(client);
    let isOver = false;
    const release = (error?: Error | boolean): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      giveBack(error);
    };
    const timer = setTimeout(() => release(new Error("The connection was held for too long.")), limit_ms);
    return Object.assign(client, { release });
  };
  const query = async (...given: Parameters<pg.PoolClient["query"]>): Promise<unknown> => {
    const client = await connect();
    try {
      const answer = await client.query(...given);
      client.release();
      return answer;
    } catch (error) {
      client.release(error as Error);
      throw error;
    }
  };
  return Object.assign(Object.create(pool) as pg.Pool, { connect, query });
}

async function connectedWithin(pool: pg.Pool, limit_ms: number): Promise<pg.PoolClient> {
  const connecting = pool.connect();
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error("timeout exceeded when trying to connect"));
    connecting.then(
      (client) => client.release(),
      () => {}, // Nobody waits for it any more.
    );
  }, limit_ms);
  return Promise.race([connecting, tooLate]).finally(() => clearTimeout(timer));
}

// The pool's own limit would also meet whoever waits for a connection that others use; this one is for a server that says nothing.
function impatient(options: pg.ClientConfig): pg.Client {
  return new pg.Client({ ...options, connectionTimeoutMillis: connect_ms });
}

async function refuseOldServer(pool: pg.Pool, url: string): Promise<void> {
  const answer = await pool
    .query<{ version: string }>("select current_setting('server_version_num') as version")
    .catch((cause: Error) => {
      throw new Error(`No Postgres answers at ${withoutPassword(url)}: ${cause.message}. Start it, or correct DATABASE_URL.`, {
        cause,
      });
    });
  const version = Number(answer.rows[0]?.version);
  if (version < 180_000) {
    throw new Error(
      `The Postgres at ${withoutPassword(url)} is version ${Math.floor(version / 10_000)}; Jukebase needs 18 or newer.`,
    );
  }
}

/** The address without its secret, for messages. */
export function withoutPassword(url: string): string {
  return url.replace(/(:\/\/[^:/@]*):[^@]*@/, "$1@");
}

const connect_ms = 10_000;
const probe_s = 10;

// A client that is gone without a word is found out within half a minute, too: its session, and the locks that it holds, end then.
const found_out = `-c tcp_keepalives_idle=${probe_s} -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=30000`;

// Every session speaks UTC, so that an instant as text is always the same text.
function sessionsOf(url: string, settings: ConnectOptions["settings"] = {}): string {
  const address = new URL(url);
  const more = Object.entries(settings).map(([name, value]) => ` -c ${name}=${value}`);
  address.searchParams.set("options", `-c timezone=UTC -c datestyle=ISO ${found_out}${more.join("")}`);
  address.search = address.search.replaceAll("+", "%20");
  return address.toString();
}

// slonik's own parsers make floats of numeric and of instants; money and microseconds must come back as they are.
const exactParsers = [
  { name: "numeric", parse: (value: string) => value },
  { name: "int8", parse: wholeNumber },
  { name: "date", parse: (value: string) => value },
  { name: "timestamptz", parse: instant },
  { name: "timestamp", parse: (value: string) => value },
  { name: "interval", parse: (value: string) => value },
];

const numericArray = 1231;
const textArray = 1009 as unknown as Parameters<typeof pg.types.getTypeParser>[0];

const byOid: Record<number, (value: string) => unknown> = {
  [pg.types.builtins.NUMERIC]: (value) => value,
  [pg.types.builtins.INT8]: wholeNumber,
  [pg.types.builtins.DATE]: (value) => value,
  [pg.types.builtins.TIMESTAMPTZ]: instant,
  [numericArray]: pg.types.getTypeParser(textArray) as (value: string) => unknown,
};

function getTypeParser(oid: number, format?: "text" | "binary"): (value: string) => unknown {
  return byOid[oid] ?? (pg.types.getTypeParser(oid, (format ?? "text") as "text") as (value: string) => unknown);
}

function wholeNumber(value: string): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

// "2026-01-31 20:20:01.5+00" → "2026-01-31T20:20:01.5Z"; infinity stays what it is.
function instant(value: string): string {
  return value.replace(" ", "T").replace(/\+00$/, "Z");
}

const parseRows: Interceptor = {
  name: "parse-rows",
  transformRow: ({ resultParser }, query, row) => {
    if (!resultParser) return row;
    const parsed = (resultParser as ZodType<QueryResultRow>).safeParse(row);
    if (parsed.success) return parsed.data;
    throw new SchemaValidationError(query, row, parsed.error.issues as never);
  },
};
