import { readFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { bounded } from "@jukebase/platform";
import type { Log } from "@jukebase/platform/log.ts";
import express, { type Express, type RequestHandler } from "express";
import helmet from "helmet";
import { budget, type MinuteLimits } from "./budget.ts";
import { direct } from "./direct.ts";
import { docsRoutes } from "./docs.ts";
import { makeDoor } from "./door.ts";
import { gate } from "./gate.ts";
import { takeEvents } from "./intake.ts";
import { makeMetrics } from "./metrics.ts";
import { openapiOf } from "./openapi.ts";
import { Refusal } from "./refusal.ts";
import { accompanied, accompanying, answerFailures, authenticated, nothingHere, readingReports, withinTime } from "./request.ts";
import { makeRoom, type RoomLimits } from "./room.ts";
import { type Route, routesOf } from "./routes.ts";
import { keyVerifier } from "./verify-key.ts";

/** How much may be asked of the API. A key's own limits go before `perKey`; times in milliseconds. */
export type AppLimits = {
  readonly perKey: MinuteLimits;
  /** Wrong keys from one address in a minute. */
  readonly failuresPerAddress: number;
  readonly room: RoomLimits;
  /** How long a body may take, and then its commit. */
  readonly body_ms: number;
  readonly commit_ms: number;
  /** How long the intake holds a connection at most: what hangs longer is given up, so that the requests behind it get theirs. */
  readonly connection_ms: number;
  /** How long a key is believed without looking it up: a revoked one is let in at most so long. */
  readonly key_ms: number;
};

/** The API as what an HTTP server calls: the intake goes its own short way, all else through Express. */
export async function apiApp(
  jukebase: Jukebase,
  log: Log,
  limits: AppLimits,
  isClosing: () => boolean,
): Promise<RequestListener> {
  const metrics = makeMetrics(jukebase);
  const accompany = accompanying(log, metrics);
  const accounts = budget(limits.perKey);
  const { body_ms, commit_ms, connection_ms } = limits;
  const { database } = jukebase;
  const taking = { ...jukebase, database: { ...database, pg: bounded(database.pg, connection_ms) } };
  const door = makeDoor(keyVerifier(taking, limits.key_ms), accounts, limits.failuresPerAddress);
  const intake = direct(
    "/v1/events",
    takeEvents(taking, { door, budget: accounts, room: makeRoom(limits.room), body_ms, commit_ms }),
    { log, accompany, isClosing },
  );
  const app = express();
  app.disable("x-powered-by").disable("etag").set("trust proxy", "loopback");
  app.use(accompanied(accompany), helmet({ contentSecurityPolicy: { useDefaults: false, directives: closed_csp } }));
  app.use((_request, response, next) => {
    response.set("cache-control", "no-store");
    next();
  });
  const routes = routesOf(jukebase, { metrics, isClosing });
  for (const route of routes) serve(app, route, [...before(route, limits), ...(route.open ? [] : admitted(route, door))]);
  for (const path of new Set(routes.map(pathOf))) app.all(path, refuseMethods(routes.filter((route) => pathOf(route) === path)));
  app.use(docsRoutes(openapiOf(routes, await versionOf())));
  app.use(nothingHere);
  app.use(answerFailures(log));
  return (request, response) => {
    if (request.method === "POST" && intakePath.test(request.url ?? "")) intake(request, response);
    else {
      if (request.headers.expect !== undefined) response.writeContinue();
      app(request, response);
    }
  };
}

const intakePath = /^\/v1\/events\/?(\?|$)/i;
const closed_csp = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };

function before(route: Route, { body_ms }: AppLimits): RequestHandler[] {
  return [...(route.most === undefined ? [] : [gate(route.most)]), ...(route.long ? [] : [withinTime(body_ms)])];
}

function admitted({ reads }: Route, door: ReturnType<typeof makeDoor>): RequestHandler[] {
  return [authenticated(door), ...(reads === "reports" ? [readingReports] : [])];
}

function serve(app: Express, route: Route, handlers: readonly RequestHandler[]): void {
  if (route.handler !== "direct") app[route.method](pathOf(route), ...handlers, route.handler as RequestHandler);
}

// "/v1/events/{id}" → "/v1/events/:id"
function pathOf({ path }: Route): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

function refuseMethods(routes: readonly Route[]): RequestHandler {
  const allow = routes.map(({ method }) => method.toUpperCase()).join(", ");
  return (request) => {
    throw new Refusal("method_not_allowed", `${request.method} is not possible here, only ${allow}.`, { allow });
  };
}

async function versionOf(): Promise<string> {
  const manifest = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  return manifest.version;
}
