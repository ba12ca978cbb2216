import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { type AdminAppOptions, adminApp } from "./app.ts";

/** A console that answers. */
export type RunningAdmin = { readonly url: string; readonly close: () => Promise<void> };

/** Where it listens (port 0: any free one), and what is told of requests that failed. */
export type AdminOptions = AdminAppOptions & { readonly host: string; readonly port: number };

/** Starts the console over an open installation; closing it lets running requests end and leaves the installation open. */
export async function startAdmin(jukebase: Jukebase, { host, port, ...options }: AdminOptions): Promise<RunningAdmin> {
  const server = createServer(limits, await adminApp(jukebase, options));
  server.maxRequestsPerSocket = 1000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return { url: addressOf(server), close: () => closed(server) };
}

// A browser that sends its headers slowly is cut off soon; an upload may take its time.
const limits = { headersTimeout: 5_000, requestTimeout: 15 * 60_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 16_384 };

function addressOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeIdleConnections();
  });
}
