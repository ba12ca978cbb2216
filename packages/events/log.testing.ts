import {
  type Clock,
  connect,
  type Database,
  type EventContract,
  type Executor,
  type Projection,
  pgExecutor,
  transaction,
} from "@jukebase/platform";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import type { Verdict } from "./append.ts";
import { contractRegistry } from "./contracts/index.ts";
import { openKeys } from "./key-ring.ts";
import type { Keys } from "./keys.ts";
import { type Intake, take } from "./load.ts";
import { prepareLog } from "./prepare.ts";
import { catchUp } from "./projection/run.ts";
import { shop, shopEvents, shopTables } from "./shop.testing.ts";
import { declareSource, type Source } from "./source.ts";
import type { RawEnvelope, Received } from "./sources/index.ts";

/** An event log of one's own, with the shop's contracts and tables, and a clock that a test moves. */
export type TestLog = Intake & {
  readonly db: Executor;
  readonly keys: Keys;
  readonly clock: Clock & { readonly set: (iso: string) => void };
  /** A source that no other test has used. */
  readonly source: (declared?: Parameters<typeof declareSource>[2]) => Promise<Source>;
  /** One query's rows, in a test's own words. */
  readonly rows: (text: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>;
  /** Empties log, quarantine, vault and tables. */
  readonly empty: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Opens one, prepared. Its clock stands at noon of 1 March 2025 until it is set. */
export async function openTestLog(contracts: readonly EventContract[] = shopEvents): Promise<TestLog> {
  const cloned: TestDatabase = await testDatabase();
  const database: Database = await connect(cloned.url, { max: 12 });
  const db = pgExecutor(database.pg);
  const keys = await openKeys(db, Buffer.alloc(32, 7).toString("base64"));
  const clock = movableClock("2025-03-01T12:00:00Z");
  const registry = contractRegistry(contracts);
  await prepareLog(db, registry.values(), keys, clock);
  await db.query(shopTables);
  let sources = 0;
  return {
    database,
    db,
    keys,
    clock,
    contracts: registry,
    source: (declared) => declareSource(db, `source-${++sources}`, declared),
    rows: (text, values) => db.query(text, values),
    empty: () => emptied(database),
    close: async () => {
      await database.end();
      await cloned.drop();
    },
  };
}

function movableClock(iso: string): TestLog["clock"] {
  let instant = new Date(iso);
  return {
    now: () => new Date(instant),
    set: (next) => {
      instant = new Date(next);
    },
  };
}

// What another test left open fails this one soon, with Postgres's own words.
async function emptied({ pg }: Database): Promise<void> {
  await transaction(pg, async (db) => {
    await db.query("set local lock_timeout = '5s'");
    await db.query(
      `truncate events.log, events.key, events.change, events.batch, events.quarantine, events.observation, events.load, events.waiting,
         events.parked, events.checkpoint, vault.value, vault.day_key, vault.subject, vault.erased, shop.joining, shop.visit, shop.member cascade`,
    );
  });
}

/** Envelopes as a reader of NDJSON gives them, line by line. */
export function lines(...envelopes: readonly RawEnvelope[]): Received[] {
  return envelopes.map((envelope, n) => ({
    line: n + 1,
    end: 0,
    bytes: Buffer.from(JSON.stringify(envelope)),
    outcome: { ok: true, envelope },
  }));
}

/** Sends envelopes in one request. */
export function send(log: TestLog, source: Source, ...envelopes: readonly RawEnvelope[]): Promise<Verdict[]> {
  return take(log, lines(...envelopes), { source });
}

/** What became of each item, in order. */
export function outcomesOf(verdicts: readonly Verdict[]): string[] {
  return verdicts.map(({ outcome }) => outcome);
}

/** Projects the shop to the end of the log. */
export function project(
  log: TestLog,
  projection: Projection = shop,
): Promise<{ events: number; parked: number; seq: number; busy: boolean }> {
  return catchUp(projection, log);
}

/** A promise and what settles it: lets a test say when another transaction goes on. */
export function signal(): { readonly given: Promise<void>; readonly give: () => void } {
  let give: () => void = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}

/** Returns when some connection to this database waits for a lock; throws when none does after many looks. */
export async function somebodyWaits(log: TestLog): Promise<void> {
  for (let look = 0; look < 5000; look += 1) {
    const waiting = await log.rows(
      "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (waiting.length > 0) return;
  }
  throw new Error("Nobody waits for a lock.");
}
