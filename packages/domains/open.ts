import { availableParallelism } from "node:os";
import { migrate } from "@jukebase/db";
import {
  contractRegistry,
  type Intake,
  knownFingerprint,
  logEvents,
  openKeys,
  type ProjectionContext,
  prepareLog,
} from "@jukebase/events";
import { buildMarts, RefusedByTests, testsBeforeSwap } from "@jukebase/marts";
import type { Post } from "@jukebase/marts/openlineage/transport.ts";
import {
  type Clock,
  type Config,
  connect,
  type Database,
  type Domain,
  type Mart,
  systemClock,
  transaction,
} from "@jukebase/platform";
import { startEmbedded } from "@jukebase/platform/embedded/index.ts";
import { prepareGround } from "./ground.ts";
import { domains as everyDomain } from "./index.ts";
import { type MartEvents, martEvents } from "./mart-events.ts";
import { masterKey } from "./master-key.ts";

/** An installation, open: its database migrated and prepared, its domains, its keys. What every app starts from. */
export type Jukebase = Intake &
  ProjectionContext & {
    readonly config: Config;
    /** The folder of the log's archives. */
    readonly archive: string;
    readonly domains: readonly Domain[];
    readonly marts: readonly Mart[];
    /** Which projection writes which schema. */
    readonly schemas: Readonly<Record<string, string>>;
    /** Tells of work on marts to whoever gathers lineage. */
    readonly martWork: MartEvents;
    readonly close: () => Promise<void>;
  };

/** What may be said when opening: another clock or other domains, and where to tell of what takes time. */
export type OpenOptions = {
  readonly clock?: Clock;
  readonly domains?: readonly Domain[];
  readonly say?: (line: string) => void;
  /** By which HTTP requests go out; `fetch` when left out. */
  readonly post?: Post;
  /** Connections of each of the two pools. */
  readonly connections?: number;
  readonly name?: string;
};

/**
 * Opens the installation that `config` describes: starts the embedded Postgres when no other is named, migrates, loads changed
 * reference data, makes typed views and partitions, builds marts that are new or changed; where tests refuse these, the marts of before
 * serve on, and that is said. Doing it again changes nothing.
 */
export async function openJukebase(config: Config, options: OpenOptions = {}): Promise<Jukebase> {
  const say = options.say ?? (() => {});
  const url = await databaseUrl(config, say);
  const applied = await migrate(url, { log: say });
  if (applied.length > 0) say(`Applied ${applied.length} migrations.`);
  const database = await connect(url, { max: options.connections ?? 8, name: options.name ?? "jukebase" });
  try {
    return await prepare(config, database, options, say);
  } catch (error) {
    await database.end();
    throw error;
  }
}

/** The address of the database that `config` describes, started if it is the embedded one. */
export async function databaseUrl(config: Config, say: (line: string) => void = () => {}): Promise<string> {
  if (config.databaseUrl !== undefined) return config.databaseUrl;
  const cluster = await startEmbedded({ folder: `${config.home}/postgres`, onNote: say });
  return cluster.url;
}

async function prepare(config: Config, database: Database, options: OpenOptions, say: (line: string) => void): Promise<Jukebase> {
  const domains = options.domains ?? everyDomain;
  const clock = options.clock ?? systemClock;
  const contracts = contractRegistry([...domains.flatMap((domain) => domain.events), ...logEvents]);
  const marts = domains.flatMap((domain) => domain.marts);
  const checks = domains.flatMap((domain) => domain.checks);
  const schemas = Object.fromEntries(
    domains.flatMap((domain) => domain.projections.map((projection) => [projection.schema, projection.name])),
  );
  const keys = await transaction(database.pg, async (db) => {
    await db.query("select pg_advisory_xact_lock(hashtextextended('jukebase prepare', 0))");
    const opened = await openKeys(db, await masterKey(config, await knownFingerprint(db), say));
    await prepareGround(db, config, domains, say);
    await prepareLog(db, contracts.values(), opened, clock);
    for (const projection of Object.values(schemas)) {
      await db.query("insert into events.checkpoint (projection) values ($1) on conflict do nothing", [projection]);
    }
    return opened;
  });
  const martWork = martEvents(config, { database, marts, clock, say, post: options.post });
  const accept = testsBeforeSwap({ marts, checks });
  const build = await martWork
    .during("marts.build", (listener) => buildMarts(database.pg, marts, { schemas, accept, listener }))
    .catch(async (failure: unknown) => {
      if (!(failure instanceof RefusedByTests)) {
        await martWork.close();
        throw failure;
      }
      say(failure.message);
      return undefined;
    });
  if (build !== undefined && build.built.length > 0) say(`Built ${build.built.length} marts.`);
  const helpers = domains === everyDomain ? { module: new URL("./load-helper.ts", import.meta.url), count: loaders } : undefined;
  const archive = config.archive ?? `${config.home}/archive`;
  const close = async (): Promise<void> => {
    await martWork.close();
    await database.end();
  };
  return { config, archive, database, domains, contracts, marts, schemas, martWork, keys, clock, helpers, close };
}

/** Processes of a large load: with the server beside them they fill two cores; more would wait for one another's commits. */
const loaders = Math.min(2, availableParallelism());
