import type { Jukebase } from "@jukebase/domains/open.ts";
import type { RequestHandler } from "express";
import { listContracts, showContract } from "./contracts.ts";
import { showEventOf } from "./events.ts";
import { remembered_h } from "./idempotency.ts";
import { fileBytes_max, handOver, showLoad } from "./loads.ts";
import type { Metrics } from "./metrics.ts";
import { bodyLimits } from "./read-body.ts";
import { answerHealth, answerReady } from "./readiness.ts";
import { answerReport, listReports } from "./reports.ts";
import type { components } from "./schemas.ts";

type Component = keyof typeof components;

/** A parameter in words. */
export type Parameter = {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly description: string;
  readonly schema?: Readonly<Record<string, unknown>>;
  readonly required?: boolean;
};

/** One thing that the API does: what it is documented by and what serves it are the same object. Paths as in OpenAPI. */
export type Route = {
  readonly method: "get" | "post";
  readonly path: string;
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Whether a key is asked for. */
  readonly open?: boolean;
  readonly parameters?: readonly Parameter[];
  /** Media type → schema of what is sent; "binary" is any bytes. */
  readonly body?: Readonly<Record<string, Component | "binary">>;
  /** Status → what it means, and media type → schema of what is answered. Refusals that any route can give are added. */
  readonly answers: Readonly<
    Record<number, { readonly description: string; readonly content?: Readonly<Record<string, Component | "binary" | "text">> }>
  >;
  /** Statuses of refusals that this route can give besides. */
  readonly refusals?: readonly number[];
  /** A body that may take its time. */
  readonly long?: boolean;
  /** How many of its requests may be under way. */
  readonly most?: number;
  /** What a key must be allowed besides. */
  readonly reads?: "reports";
  /** Direct routes are served before Express; they stand here for the documentation, and so that other methods are refused. */
  readonly handler: RequestHandler<never> | "direct";
};

const uploads_max = 4;

/** What the routes need besides the installation. */
export type RouteOptions = { readonly metrics: Metrics; readonly isClosing: () => boolean };

/** Every route, in the order of the documentation. */
export function routesOf(jukebase: Jukebase, options: RouteOptions): readonly Route[] {
  return [...intakeRoutes(jukebase), ...readRoutes(jukebase), ...operationRoutes(jukebase, options)];
}

function intakeRoutes(jukebase: Jukebase): Route[] {
  return [
    {
      method: "post",
      path: "/v1/events",
      id: "takeEvents",
      tag: "Intake",
      summary: "Send events",
      description: `One event, an array, or one to a line; or CloudEvents 1.0, structured, as a batch, or binary (ce-* headers, the data in the body); gzip if you like. At most ${bodyLimits.events} events and ${bodyLimits.sent / 1024 / 1024} MiB (unfolded ${bodyLimits.unfolded / 1024 / 1024} MiB, ${bodyLimits.ratio} times its size). The answer is 200 when everything was taken in and committed, quarantined events included: what was received is kept, can be mended and replayed. Look at each result's status. Sending the same again adds nothing.`,
      parameters: [
        {
          name: "Idempotency-Key",
          in: "header",
          description: `The same key with the same body gives the same answer again for ${remembered_h} hours, with another body 409. For events without an id: sent again under the same key they are duplicates, under another they are new facts. Without a key, equal events without ids are duplicates of one another across requests.`,
          schema: { type: "string", minLength: 1, maxLength: 200 },
        },
        {
          name: "Jukebase-Source",
          in: "header",
          description:
            "Which of its sources a key of several speaks for. Without it, the one that the events name, else the key's first.",
        },
      ],
      body: {
        "application/json": "Events",
        "application/x-ndjson": "Events",
        "application/cloudevents+json": "CloudEvent",
        "application/cloudevents-batch+json": "CloudEvents",
      },
      answers: { 200: { description: "Everything was taken in.", content: { "application/json": "Intake" } } },
      refusals: [400, 408, 409, 413, 415],
      handler: "direct",
    },
    {
      method: "get",
      path: "/v1/events/{id}",
      id: "showEvent",
      tag: "Intake",
      summary: "What became of an event",
      parameters: [
        { name: "id", in: "path", description: "Its receipt, its id within the source, or the id of its place in quarantine." },
        { name: "ce_source", in: "query", description: "The CloudEvents source that the id belongs to." },
      ],
      answers: {
        200: { description: "In the log, in an archive of it, or in quarantine.", content: { "application/json": "Event" } },
      },
      refusals: [404],
      handler: showEventOf(jukebase) as RequestHandler<never>,
    },
    {
      method: "post",
      path: "/v1/loads",
      id: "handOver",
      tag: "Intake",
      summary: "Hand a file over",
      description: `The body is the file, at most ${fileBytes_max / 1024 ** 3} GiB, gzip or not. A worker loads it.`,
      parameters: [
        { name: "name", in: "query", description: "What the file is called." },
        {
          name: "format",
          in: "query",
          description: "Told from the first bytes otherwise.",
          schema: { type: "string", enum: ["ndjson", "json"] },
        },
        { name: "type", in: "query", description: "The type of bare bodies, which do not say one." },
      ],
      body: {
        "application/octet-stream": "binary",
        "application/x-ndjson": "binary",
        "application/json": "binary",
        "application/gzip": "binary",
      },
      answers: {
        202: { description: "The file is kept and waits for a worker.", content: { "application/json": "LoadAccepted" } },
      },
      refusals: [400, 413],
      long: true,
      most: uploads_max,
      handler: handOver(jukebase),
    },
    {
      method: "get",
      path: "/v1/loads/{id}",
      id: "showLoad",
      tag: "Intake",
      summary: "How far a load has come",
      parameters: [{ name: "id", in: "path", description: "As answered when the file was handed over." }],
      answers: { 200: { description: "Its counts so far.", content: { "application/json": "Load" } } },
      refusals: [404],
      handler: showLoad(jukebase) as RequestHandler<never>,
    },
  ];
}

function readRoutes(jukebase: Jukebase): Route[] {
  return [
    {
      method: "get",
      path: "/v1/reports",
      id: "listReports",
      tag: "Reports",
      reads: "reports",
      summary: "Every question that can be asked",
      answers: { 200: { description: "With columns, grains, filters and options.", content: { "application/json": "Reports" } } },
      handler: listReports(jukebase),
    },
    {
      method: "get",
      path: "/v1/reports/{name}",
      id: "answerReport",
      tag: "Reports",
      reads: "reports",
      summary: "The answer to a question",
      description:
        "The same parameters as the page's. Add .csv or .xlsx to the name for a file. A report's filters and own options are parameters too; see /v1/reports.",
      parameters: [
        { name: "name", in: "path", description: "Of the report, with .json, .csv or .xlsx if you like." },
        { name: "from", in: "query", description: "First business day." },
        { name: "to", in: "query", description: "Last business day, included." },
        { name: "grain", in: "query", description: "One row for each stretch of time." },
        {
          name: "tz",
          in: "query",
          description: "The IANA zone in which instants are shown; buckets stay in the installation's.",
        },
        {
          name: "where",
          in: "query",
          description: "column=value; may be given several times.",
          schema: { type: "array", items: { type: "string" } },
        },
        { name: "sort", in: "query", description: "A column; -column for descending." },
        { name: "bom", in: "query", description: "1 puts a byte order mark before CSV, for Excel." },
      ],
      answers: {
        200: {
          description: "The rows, and up to where the log is in them.",
          content: {
            "application/json": "Report",
            "text/csv": "text",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "binary",
          },
        },
      },
      refusals: [400, 404],
      handler: answerReport(jukebase) as RequestHandler<never>,
    },
    {
      method: "get",
      path: "/v1/contracts",
      id: "listContracts",
      tag: "Contracts",
      summary: "Every event type",
      answers: { 200: { description: "With its versions and parents.", content: { "application/json": "Contracts" } } },
      handler: listContracts(jukebase),
    },
    {
      method: "get",
      path: "/v1/contracts/{type}",
      id: "showContract",
      tag: "Contracts",
      summary: "The JSON Schema of an event's body",
      parameters: [
        { name: "type", in: "path", description: "For example Payment.PaymentReceived." },
        { name: "version", in: "query", description: "The newest otherwise.", schema: { type: "integer" } },
      ],
      answers: { 200: { description: "JSON Schema, draft 2020-12.", content: { "application/schema+json": "JsonSchema" } } },
      refusals: [400, 404],
      handler: showContract(jukebase) as RequestHandler<never>,
    },
  ];
}

function operationRoutes(jukebase: Jukebase, { metrics, isClosing }: RouteOptions): Route[] {
  return [
    {
      method: "get",
      path: "/health",
      id: "health",
      tag: "Operation",
      summary: "The process is up",
      open: true,
      answers: { 200: { description: "It is.", content: { "application/json": "Health" } } },
      handler: answerHealth,
    },
    {
      method: "get",
      path: "/ready",
      id: "ready",
      tag: "Operation",
      summary: "Requests can be served",
      open: true,
      answers: {
        200: { description: "The database answers and is migrated.", content: { "application/json": "Health" } },
        503: { description: "They cannot; each check says why.", content: { "application/json": "Health" } },
      },
      handler: answerReady(jukebase, isClosing),
    },
    {
      method: "get",
      path: "/metrics",
      id: "metrics",
      tag: "Operation",
      summary: "Figures for Prometheus",
      open: true,
      answers: { 200: { description: "Prometheus' text format.", content: { "text/plain": "text" } } },
      handler: async (_request, response) => {
        response.type(metrics.contentType).send(await metrics.render());
      },
    },
  ];
}
