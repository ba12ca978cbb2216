import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "@jukebase/platform";

/** Where a worker says whether it is healthy: `beat` is told each time it has looked at the log; no `url` when it answers nowhere. */
export type Health = { readonly url: string | undefined; readonly beat: () => void; readonly close: () => Promise<void> };

/** It looks each second; a projection step on a busy machine may keep it from that for a while. */
const silence_ms = 30_000;

/**
 * Answers `GET /health`: 200 while the worker's last look at the log is at most 30 s ago, else 503. A worker that hangs, or that has
 * lost its database, says so. Without a port it answers nowhere.
 */
export async function answerHealth(options: {
  readonly host: string;
  readonly port: number | undefined;
  readonly clock: Clock;
}): Promise<Health> {
  const { host, port, clock } = options;
  let looked = clock.now();
  const beat = (): void => {
    looked = clock.now();
  };
  if (port === undefined) return { url: undefined, beat, close: async () => {} };
  const server = healthServer(
    () => clock.now().getTime() - looked.getTime() <= silence_ms,
    () => looked,
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return { url: addressOf(server), beat, close: () => closed(server) };
}

function healthServer(isHealthy: () => boolean, lookedAt: () => Date): Server {
  return createServer({ requestTimeout: 5_000, maxHeaderSize: 4_096 }, (request, response) => {
    if (request.method !== "GET" || request.url !== "/health") return void response.writeHead(404).end();
    const healthy = isHealthy();
    response.writeHead(healthy ? 200 : 503, { "content-type": "application/json" });
    response.end(JSON.stringify({ status: healthy ? "up" : "silent", looked_at: lookedAt().toISOString() }));
  });
}

function addressOf(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}
