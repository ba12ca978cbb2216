import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, type TestApi, testApi } from "./api.testing.ts";

let test: TestApi;
let document: Document;

type Content = Record<string, { schema: Record<string, unknown> }>;
type Operation = {
  operationId: string;
  security?: unknown[];
  parameters?: { name: string; in: string; required?: boolean; schema: object }[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content?: Content }>;
};
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
};

beforeAll(async () => {
  test = await testApi();
  document = await json<Document>(fetch(`${test.api.url}/openapi.json`));
});

afterAll(() => test?.close());

const operations = (): [string, string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => [path, method, one] as [string, string, Operation]),
  );

describe("openapi.json", () => {
  it("is OpenAPI 3.1, with an id of its own for every operation", () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const ids = operations().map(([, , { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Object.keys(document.paths)).toContain("/v1/reports/{name}");
  });

  it("declares each parameter of a path, once, as required", () => {
    for (const [path, , { parameters = [] }] of operations()) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(parameters.filter((one) => one.in === "path").map(({ name, required }) => [name, required])).toEqual(
        named.map((name) => [name, true]),
      );
      expect(parameters.every(({ schema }) => schema !== undefined)).toBe(true);
    }
  });

  it("refers only to schemas that it has, and has none that nobody refers to", () => {
    const references = [...JSON.stringify(document.paths).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name as string,
    );
    expect([...new Set(references)].sort()).toEqual(Object.keys(document.components.schemas).sort());
    expect(JSON.stringify(document.components)).not.toContain('"$ref":"#/components');
  });

  it("describes every answer, and asks for a key everywhere under /v1", () => {
    for (const [path, , operation] of operations()) {
      for (const [status, { description }] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^[2-5]\d\d$/);
        expect(description.length).toBeGreaterThan(0);
      }
      expect(operation.security === undefined).toBe(path.startsWith("/v1/"));
      if (path.startsWith("/v1/"))
        expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(["401", "403", "429", "500", "503"]));
    }
  });

  it("is what the routes do: each answers something else than 404 without a route", async () => {
    for (const [path, method] of operations()) {
      const answer = await fetch(test.api.url + path.replaceAll(/\{\w+\}/g, "x"), { method: method.toUpperCase() });
      await answer.arrayBuffer(); // An answer that nobody reads keeps its connection busy.
      expect([path, answer.status]).toEqual([path, path.startsWith("/v1/") ? 401 : 200]);
    }
  });
});

describe("/docs", () => {
  it("brings everything from here, under a strict policy", async () => {
    const page = await fetch(`${test.api.url}/docs`);
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
    const text = await page.text();
    expect(text).not.toMatch(/https?:\/\/|<script>|<style|style="/);
    for (const [, path] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      const file = await fetch(test.api.url + path);
      await file.arrayBuffer();
      expect([path, file.status]).toEqual([path, 200]);
    }
  });
});
