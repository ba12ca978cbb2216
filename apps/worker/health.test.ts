import { expect, test } from "vitest";
import { answerHealth } from "./health.ts";

test("a worker is healthy until it has been silent for more than 30 s", async () => {
  let now = 0;
  const health = await answerHealth({ host: "127.0.0.1", port: 0, clock: { now: () => new Date(now) } });
  const status = async (path = "/health") => (await fetch(`${health.url}${path}`)).status;
  try {
    now = 30_000;
    expect(await status()).toBe(200);
    now = 30_001;
    expect(await status()).toBe(503);
    health.beat();
    expect(await status()).toBe(200);
    expect(await status("/")).toBe(404);
  } finally {
    await health.close();
  }
});

test("a worker without a port says nowhere how it is", async () => {
  const health = await answerHealth({ host: "127.0.0.1", port: undefined, clock: { now: () => new Date(0) } });
  expect(health.url).toBeUndefined();
  await health.close();
});
