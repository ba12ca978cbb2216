import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerOf, called } from "./commands.testing.ts";

let database: TestDatabase;
let env: Record<string, string>;

beforeAll(async () => {
  database = await testDatabase();
  env = { DATABASE_URL: database.url, JUKEBASE_HOME: await mkdtemp(join(tmpdir(), "jukebase-serve-")), JUKEBASE_LOG: "error" };
});

afterAll(async () => {
  await database.drop();
  await rm(env.JUKEBASE_HOME as string, { recursive: true, force: true });
});

test("serve passes over a taken port, takes events in, brings them into the reports, and ends cleanly", async () => {
  const { secret } = answerOf(await called(["key", "create", "test", "--source", "shop", "--json"], env)) as { secret: string };
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const port = (taken.address() as { port: number }).port;
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, "serve", "--api-port", String(port), "--admin-port", "0", "--json"], { env });
  const ended = once(child, "close");
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const { api, admin } = JSON.parse(line) as { api: string; admin: string };
    expect(new URL(api).port).not.toBe(String(port));
    expect((await fetch(admin)).status).toBe(200);
    const event = {
      id: "b1",
      type: "Logistic.DevicePurchased",
      data: { DeviceId: 1, DeviceDetails: { DevicePrice: 5, DeviceName: "X" }, OccurredAt: "2026-01-01" },
    };
    const sent = await fetch(`${api}/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify(event),
    });
    expect(sent.ok).toBe(true);
    await expect
      .poll(async () => answerOf(await called(["report", "cash-spent", "--json"], env)), { timeout: 15_000 })
      .toMatchObject({ rows: [{ period: "2026-01-01", amount: "5.00" }] });
  } finally {
    child.kill("SIGTERM");
    taken.close();
  }
  expect(await ended).toEqual([0, null]);
});

test("a revoked key is revoked once", async () => {
  const { id } = answerOf(await called(["key", "create", "old", "--source", "shop", "--json"], env)) as { id: string };
  expect(answerOf(await called(["key", "revoke", id, "--json"], env))).toEqual({ id, revoked: true });
  expect((await called(["key", "revoke", id], env)).code).toBe(5);
});

test("an account is made once, with a password of the product's making", async () => {
  const made = answerOf(await called(["admin", "create", "a@b.example", "--json"], env)) as { password: string };
  expect(made.password.length).toBeGreaterThan(20);
  expect((await called(["admin", "create", "a@b.example"], env)).code).toBe(5);
});
