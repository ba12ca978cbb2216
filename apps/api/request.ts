import { randomUUID } from "node:crypto";
import { failureFields, type Log } from "@jukebase/platform/log.ts";
import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import type { Metrics } from "./metrics.ts";
import { codes, Refusal, refusalOf } from "./refusal.ts";

/** Whose key a request came with. */
export type Caller = { readonly key_id: string; readonly source: string };

/** The caller that authentication found. */
export function callerOf(response: Response): Caller {
  return response.locals.caller as Caller;
}

/** Gives each request its id (the sender's, if it sends a plain one) and tells log and metrics of it when it is over: never of its body. */
export function accompany(log: Log, metrics: Metrics): RequestHandler {
  return (request, response, next) => {
    const given = request.get("x-request-id") ?? "";
    response.locals.request_id = /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
    response.set("x-request-id", requestId(response));
    const began = performance.now();
    response.once("close", () => {
      const duration_ms = Math.round(performance.now() - began);
      const seen = { method: request.method, route: routeOf(request), status: response.statusCode };
      metrics.requests.observe(seen, duration_ms / 1000);
      log.info({ ...seen, ...response.locals.caller, request_id: requestId(response), duration_ms }, "request");
    });
    next();
  };
}

/** Ends a request whose body does not come within the time; an upload route takes its own. */
export function withinTime(limit_ms: number): RequestHandler {
  return (request, response, next) => {
    const timer = setTimeout(() => {
      if (request.complete) return;
      if (!response.headersSent)
        answerRefusal(
          response,
          new Refusal("timeout", `The body did not come within ${limit_ms / 1000} s.`, { connection: "close" }),
        );
      request.socket.destroySoon();
    }, limit_ms);
    request.once("end", () => clearTimeout(timer)).once("close", () => clearTimeout(timer));
    next();
  };
}

/** What stands behind all routes: nothing. */
export const nothingHere: RequestHandler = (request) => {
  throw new Refusal("not_found", `There is nothing at ${request.method} ${request.path}; /docs lists what there is.`);
};

/** The one place where failures become answers. */
export function answerFailures(log: Log): ErrorRequestHandler {
  return (failure: unknown, _request, response, next) => {
    const refusal = refusalOf(failure);
    if (codes[refusal.code] >= 500)
      log.error({ ...failureFields(failure), request_id: requestId(response) }, "A request failed.");
    if (response.headersSent) return next(failure);
    answerRefusal(response, refusal);
  };
}

function answerRefusal(response: Response, { code, message, headers }: Refusal): void {
  response
    .status(codes[code])
    .set(headers)
    .json({ error: { code, message, request_id: requestId(response) } });
}

// The id under which a request stands in the log and in its answer.
function requestId(response: Response): string {
  return String(response.locals.request_id);
}

function routeOf(request: Request): string {
  return typeof request.route?.path === "string" ? request.route.path : "other";
}
