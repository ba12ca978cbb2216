import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { failureFields, type Log } from "@jukebase/platform/log.ts";
import { codes, Refusal, refusalOf } from "./refusal.ts";
import type { Accompany, Exchange } from "./request.ts";

/** What a direct route answers: 200 with this as JSON. */
export type DirectHandler = (request: IncomingMessage, response: ServerResponse, exchange: Exchange) => Promise<unknown>;

/** What direct routes have in common. */
export type DirectOptions = { readonly log: Log; readonly accompany: Accompany; readonly isClosing: () => boolean };

/**
 * Serves a route straight from the HTTP server, before Express: what comes thousands of times a second cannot afford a chain of
 * middleware. Headers, refusals, log and figures are the same as everywhere.
 */
export function direct(route: string, handler: DirectHandler, { log, accompany, isClosing }: DirectOptions): RequestListener {
  return (request, response) => {
    const exchange = accompany(request, response, () => route, "debug");
    const fail = (failure: unknown): void => {
      const refusal = refusalOf(failure);
      if (codes[refusal.code] >= 500 && !(failure instanceof Refusal))
        log.error({ ...failureFields(failure), request_id: exchange.request_id }, "A request failed.");
      if (response.headersSent || response.destroyed) return;
      const { code, message, headers } = refusal;
      const error = { code, message, request_id: exchange.request_id };
      send(response, codes[code], exchange, { ...headers, ...(isLeftUnread(request) ? closing : {}) }, { error });
    };
    if (isClosing()) {
      fail(new Refusal("unavailable", "This process is stopping. Send the same again.", goAway));
      return;
    }
    const succeed = (answer: unknown): void => {
      if (!response.headersSent && !response.destroyed) send(response, 200, exchange, isClosing() ? closing : {}, answer);
    };
    handler(request, response, exchange).then(succeed).catch(fail);
  };
}

const closing = { connection: "close" };
const goAway = { ...closing, "retry-after": "1" };

// The same that helmet says elsewhere of what is only data.
const safe = [
  ...["cache-control", "no-store"],
  ...["content-security-policy", "default-src 'none';frame-ancestors 'none'"],
  ...["cross-origin-resource-policy", "same-origin"],
  ...["referrer-policy", "no-referrer"],
  ...["strict-transport-security", "max-age=31536000; includeSubDomains"],
  ...["x-content-type-options", "nosniff"],
  ...["content-type", "application/json; charset=utf-8"],
];

function send(
  response: ServerResponse,
  status: number,
  exchange: Exchange,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): void {
  const text = JSON.stringify(body);
  const all = [...safe, "x-request-id", exchange.request_id, "content-length", String(Buffer.byteLength(text))];
  for (const told of [exchange.headers, headers]) for (const name of Object.keys(told)) all.push(name, told[name] as string);
  response.writeHead(status, all).end(text);
}

const unread_max = 64 * 1024;

// A small rest is read and thrown away, so that the connection can serve another request; a large one is not waited for. Whoever asked
// first whether to send may not send at all, and then the next request would be taken for the rest of this one.
function isLeftUnread(request: IncomingMessage): boolean {
  if (request.complete) return false;
  if (request.headers.expect !== undefined) return true;
  return request.headers["content-length"] === undefined || Number(request.headers["content-length"]) > unread_max;
}
