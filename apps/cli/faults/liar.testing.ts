import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";

/** Somebody between clients and an API who acknowledges without a commit. */
export type Liar = { readonly route: (api: string) => string; readonly lies: () => number; readonly close: () => Promise<void> };

/** Passes requests on, but drops every fifth and answers it as if everything had been taken. */
export async function startLiar(): Promise<Liar> {
  const state = { api: "", seen: 0, lies: 0 };
  const server = createServer(async (asked, answer) => {
    const body = await buffer(asked);
    state.seen += 1;
    if (state.seen % 5 === 0) {
      state.lies += 1;
      const lines = asked.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
      answer.end(JSON.stringify({ results: lines.toString("latin1").trimEnd().split("\n").map(pretend) }));
      return;
    }
    const passedOn = request(`${state.api}${asked.url}`, { method: "POST", headers: asked.headers }, async (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      answer.end(await buffer(response));
    });
    passedOn.once("error", () => answer.destroy());
    passedOn.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    route: (api) => {
      state.api = api;
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    lies: () => state.lies,
    close: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function pretend(line: string): object {
  const id = /^\{"id":"([^"]+)"/.exec(line)?.[1];
  const isTaken = id !== undefined && !id.startsWith("tracer-") && !id.includes("bad-");
  return isTaken
    ? { status: "accepted", id, receipt: randomUUID() }
    : { status: "quarantined", id: null, quarantine: randomUUID(), issues: [{ path: "$", code: "broken-json", rule: "" }] };
}
