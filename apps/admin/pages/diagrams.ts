import { NotFound } from "@jukebase/platform";
import { type Request, type Response, Router } from "express";
import type { Console } from "../console.ts";
import { consoleLinks } from "../marts/console-links.ts";
import { diagramsOf, diagramTiles, diagramView } from "../marts/schema-diagrams.ts";
import { show } from "../show.ts";

/** Entity-relationship diagrams: of the marts, and of the tables of each domain. */
export function diagramRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/diagrams", (request, response) => listDiagrams(admin, request, response));
  routes.get("/diagrams/:schema", (request, response) => showDiagram(admin, request, response));
  return routes;
}

async function listDiagrams(admin: Console, request: Request, response: Response): Promise<void> {
  const links = consoleLinks(Object.keys(admin.jukebase.schemas));
  const lead = "What refers to what, drawn from the database and from what the marts say.";
  await show(admin, request, response, { title: "Diagrams", lead, body: diagramTiles(diagramsOf(admin.jukebase), links) });
}

async function showDiagram(admin: Console, request: Request, response: Response): Promise<void> {
  const { jukebase, db } = admin;
  const diagrams = diagramsOf(jukebase);
  const wanted = diagrams.find(({ schema }) => schema === request.params.schema);
  if (wanted === undefined) {
    const known = diagrams.map(({ schema }) => schema).join(", ");
    throw new NotFound(`There is no diagram of "${request.params.schema}". There are those of ${known}.`);
  }
  const body = await diagramView(db, jukebase, wanted, consoleLinks(Object.keys(jukebase.schemas)));
  const breadcrumbs = [{ label: "Diagrams", href: "/diagrams" }, { label: wanted.title }];
  await show(admin, request, response, { title: wanted.title, lead: wanted.description, path: "/diagrams", body, breadcrumbs });
}
