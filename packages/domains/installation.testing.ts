import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { declareSource, type LoadSummary, load, type Received, readReceived, type SourceDeclaration } from "@jukebase/events";
import { type Config, type Grain, pgExecutor, type ReportRow } from "@jukebase/platform";
import { fixedClock } from "@jukebase/testing";
import { afterAll, beforeAll } from "vitest";
import { builtDatabase } from "./built.testing.ts";
import { catchUp } from "./catch-up.ts";
import { forgetEach } from "./laws/world.ts";
import { type Jukebase, openJukebase } from "./open.ts";
import { findReport, runReport } from "./run-report.ts";
import type { Sent } from "./sent.testing.ts";

/** What may be asked of a report in a test: the flags of `jukebase report`, its options by their names. */
export type Asked = {
  readonly from?: string;
  readonly to?: string;
  readonly grain?: Grain;
  readonly where?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, unknown>>;
};

/** Who sends, and what it declares of itself. */
export type Sender = SourceDeclaration & { readonly source?: string };

/** An installation on a database of its own, used as its users use it: events in, answers out. */
export type TestInstallation = {
  readonly open: () => Jukebase;
  /** Loads events as a file of one event a line, and brings everything up to date. */
  readonly take: (events: readonly Sent[], sender?: Sender) => Promise<LoadSummary>;
  /** The same for whatever a reader of files makes. */
  readonly takeReceived: (received: AsyncIterable<Received>, sender?: Sender, type?: string) => Promise<LoadSummary>;
  readonly ask: (report: string, asked?: Asked) => Promise<readonly ReportRow[]>;
  /** Rows as text, numbers and dates as the server writes them. */
  readonly rows: (text: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>;
  /** Closes the installation and opens it again, as a restart does, perhaps with another configuration. */
  readonly reopen: (change?: Partial<Config>) => Promise<void>;
  /** Empties it, the log included. */
  readonly empty: () => Promise<void>;
};

/** Registers an installation for a test file or group: opened before its tests, closed and dropped after them. Its clock stands at `now`. */
export function testInstallation(now = "2026-01-01T00:00:00Z"): TestInstallation {
  const undo: (() => Promise<unknown>)[] = [];
  let config: Config;
  let jukebase: Jukebase;
  const open = async (): Promise<void> => {
    jukebase = await openJukebase(config, { clock: fixedClock(now), connections: 3 });
  };

  beforeAll(async () => {
    const database = await builtDatabase();
    undo.unshift(database.drop);
    const home = await mkdtemp(`${tmpdir()}/jukebase-home-`);
    undo.unshift(() => rm(home, { recursive: true }));
    config = { home, databaseUrl: database.url, key: undefined, host: "127.0.0.1", apiPort: 0, adminPort: 0, logLevel: "silent" };
    await open();
    undo.unshift(() => jukebase.close());
  });

  afterAll(async () => {
    for (const step of undo) await step();
  });

  const takeReceived: TestInstallation["takeReceived"] = async (received, { source = "till", ...declared } = {}, type) => {
    const declaredSource = await declareSource(pgExecutor(jukebase.database.pg), source, declared);
    const summary = await load(jukebase, received, { source: declaredSource, name: "test", type });
    await settled(jukebase);
    return summary;
  };

  return {
    open: () => jukebase,
    take: (events, sender) => takeReceived(readReceived(linesOf(events), { format: "ndjson" }), sender),
    takeReceived,
    ask: async (name, { options = {}, where = {}, ...rest } = {}) => {
      const report = findReport(jukebase, name);
      const params = { grain: report.defaultGrain, ...rest, where, options: report.options.parse(options) };
      return (await runReport(jukebase, report, params)).rows;
    },
    rows: async (text, values = []) => (await jukebase.database.pg.query(text, [...values])).rows,
    reopen: async (change = {}) => {
      await jukebase.close();
      config = { ...config, ...change };
      await open();
    },
    empty: () => forgetEach(jukebase),
  };
}

/** Brings everything up to date; throws when an event is parked or a mart failed. */
export async function settled(jukebase: Jukebase): Promise<void> {
  const { parked } = await catchUp(jukebase);
  if (parked > 0) throw new Error(`${parked} events are parked`);
  const failed = await jukebase.database.pg.query("select name, error from marts_store.mart where status = 'failed'");
  if (failed.rows.length > 0) throw new Error(`marts failed: ${JSON.stringify(failed.rows)}`);
}

async function* linesOf(events: readonly Sent[]): AsyncGenerator<Uint8Array> {
  yield Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
}
