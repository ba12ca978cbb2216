import { readFile } from "node:fs/promises";
import type { Jukebase } from "@jukebase/domains/open.ts";
import type { Log } from "@jukebase/platform/log.ts";
import express, { type Express, type RequestHandler } from "express";
import helmet from "helmet";
import { authenticate, type RateLimits } from "./authenticate.ts";
import { docsRoutes } from "./docs.ts";
import { gate } from "./gate.ts";
import { makeMetrics } from "./metrics.ts";
import { openapiOf } from "./openapi.ts";
import { Refusal } from "./refusal.ts";
import { accompany, answerFailures, nothingHere, withinTime } from "./request.ts";
import { type Route, routesOf } from "./routes.ts";

/** How much may be asked of the API at once. `intakes`: requests that bring events and are under way; `body_ms`: how long a body may take. */
export type AppLimits = { readonly rates: RateLimits; readonly intakes: number; readonly body_ms: number };

/** The API as an Express application. */
export async function apiApp(jukebase: Jukebase, log: Log, limits: AppLimits, isClosing: () => boolean): Promise<Express> {
  const metrics = makeMetrics(jukebase);
  const routes = routesOf(jukebase, { metrics, isClosing, intakes: limits.intakes });
  const app = express();
  app.disable("x-powered-by").disable("etag").set("trust proxy", "loopback");
  app.use(accompany(log, metrics), helmet({ contentSecurityPolicy: { useDefaults: false, directives: closed_csp } }));
  app.use((_request, response, next) => {
    response.set("cache-control", "no-store");
    next();
  });
  const door = authenticate(jukebase, limits.rates);
  for (const route of routes) {
    const room = route.most === undefined ? [] : [gate(route.most)];
    serve(app, route, [...room, ...(route.long ? [] : [withinTime(limits.body_ms)]), ...(route.open ? [] : door)]);
  }
  for (const path of new Set(routes.map(pathOf))) app.all(path, refuseMethods(routes.filter((route) => pathOf(route) === path)));
  app.use(docsRoutes(openapiOf(routes, await versionOf())));
  app.use(nothingHere);
  app.use(answerFailures(log));
  return app;
}

const closed_csp = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };

function serve(app: Express, route: Route, before: readonly RequestHandler[]): void {
  app[route.method](pathOf(route), ...before, route.handler as RequestHandler);
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
