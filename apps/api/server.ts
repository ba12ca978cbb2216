import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { type Log, makeLog } from "@jukebase/platform/log.ts";
import { type AppLimits, apiApp } from "./app.ts";

/** An API that answers; `close` refuses what is new, lets what is under way end (8 s at most), and leaves the installation open. */
export type RunningApi = { readonly url: string; readonly close: () => Promise<void> };

/** Where it listens (port 0: any free one), and other limits than the usual. */
export type ApiOptions = {
  readonly host: string;
  readonly port: number;
  readonly log?: Log;
  readonly limits?: GivenLimits;
  readonly timeouts?: Partial<typeof timeouts>;
};

type GivenLimits = Partial<Omit<AppLimits, "perKey" | "room">> & {
  readonly perKey?: Partial<AppLimits["perKey"]>;
  readonly room?: Partial<AppLimits["room"]>;
};

/** What holds unless something else is said. */
const usual: AppLimits = {
  perKey: { requests: 60_000, events: 3_000_000, bytes: 1024 ** 3 },
  failuresPerAddress: 60,
  room: { intakes: 512, bytes: 64 * 1024 * 1024, events: 100_000 },
  body_ms: 30_000,
  commit_ms: 30_000,
  connection_ms: 30_000,
  key_ms: 2_000,
};
const end_ms = 8_000;

// A request's body has body_ms; only a file handed over may take as long as this.
const timeouts = {
  headersTimeout: 5_000,
  requestTimeout: 60 * 60_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
};
const connections_max = 2_000;
/** A connection over which nothing moves for so long is closed, whatever it waits for; the longest answer takes less. */
const idle_ms = 90_000;

/** Starts the public API over an open installation. */
export async function startApi(
  jukebase: Jukebase,
  { host, port, log, limits, timeouts: given }: ApiOptions,
): Promise<RunningApi> {
  const state = { closing: false };
  const app = await apiApp(jukebase, log ?? makeLog(jukebase.config, "api"), withUsual(limits), () => state.closing);
  const server = createServer({ ...timeouts, ...given }, app);
  server.maxRequestsPerSocket = 10_000;
  server.maxConnections = connections_max;
  server.setTimeout(idle_ms, (socket) => socket.destroy());
  server.on("checkContinue", app); // Whoever asks before sending a body hears a refusal before, too.
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    url: addressOf(server),
    close: () => {
      state.closing = true;
      return closed(server);
    },
  };
}

function withUsual(given: GivenLimits = {}): AppLimits {
  return { ...usual, ...given, perKey: { ...usual.perKey, ...given.perKey }, room: { ...usual.room, ...given.room } };
}

function addressOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => server.closeAllConnections(), end_ms);
    server.close((error) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    });
    server.closeIdleConnections();
  });
}
