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
  readonly limits?: Partial<AppLimits>;
};

const usual: AppLimits = { rates: { perKey: 12_000, failuresPerAddress: 60 }, intakes: 64, body_ms: 30_000 };
const end_ms = 8_000;

// A request's body has body_ms; only a file handed over may take as long as this.
const timeouts = {
  headersTimeout: 5_000,
  requestTimeout: 60 * 60_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
};

/** Starts the public API over an open installation. */
export async function startApi(jukebase: Jukebase, { host, port, log, limits }: ApiOptions): Promise<RunningApi> {
  const state = { closing: false };
  const app = await apiApp(jukebase, log ?? makeLog(jukebase.config, "api"), { ...usual, ...limits }, () => state.closing);
  const server = createServer(timeouts, app);
  server.maxRequestsPerSocket = 10_000;
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
