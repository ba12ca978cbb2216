import { badge, card, code, definitions, html, table } from "@jukebase/console";
import { consumersOf } from "@jukebase/domains/consumers.ts";
import { describeContract, entities, everyType, jsonSchema } from "@jukebase/events";
import type { EventContract } from "@jukebase/platform";
import { type Request, type Response, Router } from "express";
import { sessionOf } from "../access/sign-in.ts";
import type { Console } from "../console.ts";
import { readers } from "../contract-parts.ts";
import { modeCard } from "../mode-parts.ts";
import { show } from "../show.ts";
import { modeRoute } from "./contract-modes.ts";
import { showUnknownType } from "./unknown-type.ts";

/** The contracts: what each event type says, field by field and version by version. */
export function contractRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/contracts", (request, response) => listContracts(admin, request, response));
  routes.get("/contracts/:type", (request, response) => showContract(admin, request, response));
  routes.use(modeRoute(admin));
  return routes;
}

async function listContracts(admin: Console, request: Request, response: Response): Promise<void> {
  const groups = admin.jukebase.domains
    .filter(({ events }) => events.length > 0)
    .map(({ title, events }) => card({ title, body: contractTable(title, events) }));
  const lead = "The schema of each event type. What breaks it goes to quarantine, with the rule in words.";
  const modes = await modeCard(admin, { type: everyType, entities }, sessionOf(response).csrf);
  await show(admin, request, response, { title: "Contracts", lead, body: html`${groups}${modes}` });
}

function contractTable(caption: string, contracts: readonly EventContract[]) {
  return table({
    caption,
    captionHidden: true,
    fields: [
      { name: "type", type: "text", description: "The event type." },
      { name: "description", type: "text", description: "What it tells." },
      { name: "version", type: "text", description: "The newest version: model, revision, addition." },
    ],
    rows: contracts.map(({ type, description, details }) => ({ type, description, version: details().schemaver })),
    link: (field, row) => (field.name === "type" ? `/contracts/${row.type}` : undefined),
    empty: "It has none.",
  });
}

async function showContract(admin: Console, request: Request, response: Response): Promise<void> {
  const named = String(request.params.type);
  const contract = admin.jukebase.contracts.get(named);
  if (!contract) return showUnknownType(admin, request, response, named);
  const { type, description, naturalKey, needs, refers, versions } = describeContract(contract);
  const parents = (list: typeof needs) =>
    list.length === 0 ? "nothing" : list.map(({ kind, column }) => `${kind} (${column})`).join(", ");
  const body = html`${card({
    body: definitions([
      ["Waits for", parents(needs)],
      ["May precede", parents(refers)],
      ["Natural key", naturalKey],
      ["Versions", versions.map(({ schemaver }) => schemaver).join(", ")],
    ]),
  })}
${card({ title: "Read by", body: readers(consumersOf(admin.jukebase.domains, type)) })}
${await modeCard(admin, { type, entities: ["columns", "data_type"] }, sessionOf(response).csrf)}
${versions.toReversed().map(({ version, schemaver, fields }) => card({ title: `Version ${schemaver}`, body: fieldTable(`Fields of version ${version}`, fields) }))}
${card({ title: "JSON Schema", body: code(JSON.stringify(jsonSchema(contract), null, 2), `JSON Schema of ${type}`) })}`;
  const breadcrumbs = [{ label: "Contracts", href: "/contracts" }, { label: type }];
  await show(admin, request, response, { title: type, lead: description, path: "/contracts", body, breadcrumbs });
}

type Fields = ReturnType<typeof describeContract>["versions"][number]["fields"];

function fieldTable(caption: string, fields: Fields) {
  return table({
    caption,
    captionHidden: true,
    fields: [
      { name: "path", type: "text", description: "Where it stands in the body." },
      { name: "rule", type: "text", description: "What must hold." },
      { name: "required", type: "boolean", description: "Whether it must be there." },
      { name: "column", type: "text", description: "Its column in the typed view." },
      { name: "personal", type: "boolean", description: "Whether it tells of a person and goes to the vault." },
    ],
    rows: fields.map(({ path, rule, required, column, pii }) => ({
      path,
      rule,
      required,
      column: column ?? null,
      personal: pii,
    })),
    cell: (field, row) => (field.name === "personal" && row.personal === true ? badge("personal", "info") : undefined),
    empty: "It has none.",
  });
}
