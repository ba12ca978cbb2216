import { z } from "zod";
import { codes } from "./refusal.ts";
import type { Route } from "./routes.ts";
import { components } from "./schemas.ts";

/** The OpenAPI 3.1 document of the routes; schemas are those by which the answers are typed. */
export function openapiOf(routes: readonly Route[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  return {
    openapi: "3.1.1",
    info: {
      title: "Jukebase",
      version,
      description: "Events in, numbers out. A key speaks for its sources.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer", description: "jk_…, made with `jukebase key create`." } },
      schemas: Object.fromEntries(Object.entries(components).map(([name, schema]) => [name, jsonSchemaOf(schema)])),
    },
  };
}

function operationOf({
  id,
  tag,
  summary,
  description,
  open,
  parameters = [],
  body,
  answers,
  refusals = [],
}: Route): Record<string, unknown> {
  const always = open ? [] : [401, 403, 429, 503];
  const refused = [...always, ...refusals, 500].filter((status) => !(status in answers)).sort();
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(open ? { security: [] } : {}),
    ...(parameters.length === 0
      ? {}
      : {
          parameters: parameters.map((one) => ({
            schema: { type: "string" },
            ...(one.in === "path" ? { required: true } : {}),
            ...one,
          })),
        }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentOf(body) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [
          status,
          { description: answer.description, ...(answer.content ? { content: contentOf(answer.content) } : {}) },
        ]),
      ),
      ...Object.fromEntries(refused.map((status) => [status, refusalOf(status)])),
    },
  };
}

function refusalOf(status: number): Record<string, unknown> {
  const code = Object.entries(codes).find(([, known]) => known === status)?.[0] ?? "internal";
  const wait =
    status === 429 || status === 503
      ? { headers: { "Retry-After": { description: "Seconds to wait.", schema: { type: "integer" } } } }
      : {};
  return { description: meanings[code] ?? code, ...wait, content: contentOf({ "application/json": "Failure" }) };
}

const meanings: Readonly<Record<string, string>> = {
  invalid: "What was sent cannot be used; nothing was taken in.",
  unauthorized: "No key, or one that is not known.",
  forbidden: "The key was revoked, has expired, or may not do this.",
  not_found: "There is no such thing.",
  timeout: "The body did not come in time.",
  conflict: "The Idempotency-Key came with another body before; nothing was taken in.",
  too_large: "Too much at once; nothing was taken in.",
  unsupported_media_type: "The body's media type or encoding is not known.",
  too_many_requests: "The key has asked too often, or brought too much in a minute.",
  unavailable: "Nothing was acknowledged; send the same again later.",
  internal: "Something went wrong here.",
};

function contentOf(content: Readonly<Record<string, string>>): Record<string, unknown> {
  const schemaOf = (name: string): Record<string, unknown> =>
    name === "binary" ? {} : name === "text" ? { type: "string" } : { $ref: `#/components/schemas/${name}` };
  return Object.fromEntries(Object.entries(content).map(([type, name]) => [type, { schema: schemaOf(name) }]));
}

function jsonSchemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input" });
  return rest;
}
