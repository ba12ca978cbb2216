import { assets } from "@jukebase/console";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { type RequestHandler, Router } from "express";

/** Stylesheet, script and icon, for ever under the same address: their hash is in it. */
export function assetRoutes(): Router {
  const routes = Router();
  for (const { path, body, type, etag } of assets()) {
    routes.get(path, (_request, response) => {
      response.set({ "cache-control": "public, max-age=31536000, immutable", etag }).type(type).send(body);
    });
  }
  return routes;
}

/** Whether the console can do its work, for a probe: 200, or 503 while the database does not answer. */
export function healthRoute({ database }: Pick<Jukebase, "database">): RequestHandler {
  const routes = Router();
  routes.get("/health", async (_request, response) => {
    const answers = await database.pg.query("select 1").then(
      () => true,
      () => false, // The probe's own answer: there is nobody to tell more to.
    );
    response.status(answers ? 200 : 503).json({ status: answers ? "ok" : "unavailable", database: answers });
  });
  return routes;
}
