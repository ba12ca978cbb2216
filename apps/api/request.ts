import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { failureFields, type Log } from "@jukebase/platform/log.ts";
import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import type { Door } from "./door.ts";
import type { Metrics } from "./metrics.ts";
import { codes, Refusal, refusalOf } from "./refusal.ts";
import type { Caller } from "./verify-key.ts";

/** What is known of a request beside what was sent: its id, and whose it is once that is known. */
export type Exchange = {
  readonly request_id: string;
  caller: Caller | undefined;
  /** What the answer's headers tell besides. */
  headers: Readonly<Record<string, string>>;
};

/**
 * Gives a request its id (the sender's, if it sends a plain one) and tells log and metrics of it when it is over: never of its body.
 * `quiet` is the log's level for what went well.
 */
export type Accompany = (
  request: IncomingMessage,
  response: ServerResponse,
  route: () => string,
  quiet: "debug" | "info",
) => Exchange;

/** A client that went away before its answer; as others count it. */
const gone = 499;

/** Makes that. */
export function accompanying(log: Log, metrics: Metrics): Accompany {
  return (request, response, route, quiet) => {
    const given = request.headers["x-request-id"];
    const isPlain = typeof given === "string" && /^[\w.-]{1,64}$/.test(given);
    const exchange: Exchange = { request_id: isPlain ? given : randomUUID(), caller: undefined, headers: {} };
    const began = performance.now();
    response.once("close", () => {
      const duration_ms = Math.round(performance.now() - began);
      const status = response.writableFinished ? response.statusCode : gone;
      const seen = { method: request.method ?? "", route: route(), status };
      metrics.took(seen, duration_ms / 1000);
      const { request_id, caller } = exchange;
      log[status < 400 ? quiet : "info"](
        { ...seen, key_id: caller?.key_id, source: caller?.source, request_id, duration_ms },
        "request",
      );
    });
    return exchange;
  };
}

/** The same for what Express serves. */
export function accompanied(accompany: Accompany): RequestHandler {
  return (request, response, next) => {
    const exchange = accompany(request, response, () => routeOf(request), "info");
    response.locals.exchange = exchange;
    response.set("x-request-id", exchange.request_id);
    next();
  };
}

/** Lets through who shows a valid key. */
export function authenticated(door: Door): RequestHandler {
  return async (request, response, next) => {
    const { caller, headers } = await door(request);
    exchangeOf(response).caller = caller;
    response.set(headers);
    next();
  };
}

/** The caller that authentication found. */
export function callerOf(response: Response): Caller {
  return exchangeOf(response).caller as Caller;
}

/** Lets through keys that may read reports. */
export const readingReports: RequestHandler = (_request, response, next) => {
  if (!callerOf(response).reads_reports)
    throw new Refusal("forbidden", "This key only sends events; reports are read with a key that may.");
  next();
};

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
      log.error({ ...failureFields(failure), request_id: exchangeOf(response).request_id }, "A request failed.");
    if (response.headersSent) return next(failure);
    answerRefusal(response, refusal);
  };
}

function answerRefusal(response: Response, { code, message, headers }: Refusal): void {
  response
    .status(codes[code])
    .set(headers)
    .json({ error: { code, message, request_id: exchangeOf(response).request_id } });
}

function exchangeOf(response: Response): Exchange {
  return response.locals.exchange as Exchange;
}

function routeOf(request: Request): string {
  return typeof request.route?.path === "string" ? request.route.path : "other";
}
