import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { testServer } from "./server.ts";

let folder: string;
let engine: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "engine-"));
});
afterEach(async () => {
  await new Promise((resolve) => (engine === undefined ? resolve(undefined) : engine.close(resolve)));
  engine = undefined;
  await rm(folder, { recursive: true });
});

test("an address that was given is taken, whatever else could be", async () => {
  const env = { TEST_DATABASE_URL: "postgres://given/db", TEST_POSTGRES_IMAGE: "postgres:18", DOCKER_HOST: await dockerHost() };
  expect(await testServer(env, told)).toMatchObject({ url: "postgres://given/db" });
});

test("an image that was asked for is used or the run fails, with what to do: no engine answers", async () => {
  const env = { TEST_POSTGRES_IMAGE: "postgres:18", DOCKER_HOST: `unix://${folder}/none.sock` };
  await expect(testServer(env, told, never)).rejects.toThrow(
    /^TEST_POSTGRES_IMAGE asks for postgres:18, and no Docker-compatible engine answers at unix:.*none\.sock\. Start one .*leave TEST_POSTGRES_IMAGE out/,
  );
});

test("an image that was asked for is used or the run fails, with what to do: it does not start", async () => {
  const env = { TEST_POSTGRES_IMAGE: "postgres:none", DOCKER_HOST: await dockerHost() };
  const failing = (image: string) => Promise.reject(new Error(`${image} is not known`));
  await expect(testServer(env, told, failing)).rejects.toThrow(
    /^TEST_POSTGRES_IMAGE asks for postgres:none, and it did not start: postgres:none is not known\. Pull it .*leave TEST_POSTGRES_IMAGE out/,
  );
});

test("an image that was asked for and starts is used", async () => {
  const env = { TEST_POSTGRES_IMAGE: "postgres:mine", DOCKER_HOST: await dockerHost() };
  const started = { url: "postgres://container/db", stop: async () => {} };
  const starting = async (image: string) => (image === "postgres:mine" ? started : never(image));
  expect(await testServer(env, told, starting)).toBe(started);
});

function told(line: string): void {
  throw new Error(`Nothing is to be told, and this was: ${line}`);
}

function never(image: string): Promise<never> {
  throw new Error(`${image} is not to be started.`);
}

// Answers a ping as an engine does.
async function dockerHost(): Promise<string> {
  const socket = join(folder, "engine.sock");
  engine = createServer((_request, response) => response.end("OK"));
  await new Promise<void>((resolve) => engine?.listen(socket, resolve));
  return `unix://${socket}`;
}
