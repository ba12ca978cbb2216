import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, payment, type TestApi, testApi } from "./api.testing.ts";
import { type ApiOptions, type RunningApi, startApi } from "./server.ts";
import { intakeHead, type RawSocket, rawSocket } from "./sockets.testing.ts";

let test: TestApi;

beforeAll(async () => {
  test = await testApi();
});

afterAll(() => test?.close());

const body = (id: string): string => JSON.stringify(payment(id));

async function withApi(options: Partial<ApiOptions>, work: (api: RunningApi) => Promise<void>): Promise<void> {
  const api = await startApi(test.jukebase, { host: "127.0.0.1", port: 0, ...options });
  try {
    await work(api);
  } finally {
    await api.close();
  }
}

async function logged(id: string): Promise<number> {
  const { rows } = await test.jukebase.database.pg.query("select 1 from events.log where event_id = $1", [id]);
  return rows.length;
}

describe("connections", () => {
  it("that send a byte a second are closed, and everybody else is served meanwhile", async () => {
    await withApi({ timeouts: { headersTimeout: 1_500, connectionsCheckingInterval: 200 } }, async (api) => {
      const slow = await Promise.all(Array.from({ length: 200 }, () => rawSocket(api.url)));
      const text = "POST /v1/events HTTP/1.1\r\nhost: x\r\n";
      let at = 0;
      const drip = setInterval(() => {
        for (const { socket, send } of slow) if (socket.writable) send(text[at % text.length] as string);
        at += 1;
      }, 1_000);
      let over = false;
      const all = Promise.all(slow.map(({ closed }) => closed)).finally(() => {
        over = true;
        clearInterval(drip);
      });
      let served = 0;
      while (!over) {
        const headers = { authorization: `Bearer ${test.key.secret}`, "content-type": "application/json" };
        const answer = await json(fetch(`${api.url}/v1/events`, { method: "POST", body: body(`beside-${served}`), headers }));
        expect(answer.accepted).toBe(1);
        served += 1;
      }
      await all;
      expect(served).toBeGreaterThan(0);
      expect((await fetch(`${api.url}/health`)).status).toBe(200);
    });
  }, 30_000);

  it("whose body drips in are answered 408 and closed; nothing of it is taken in, and its room is free again", async () => {
    await withApi({ limits: { body_ms: 300, room: { intakes: 3 } } }, async (api) => {
      const slow = await Promise.all(Array.from({ length: 3 }, () => rawSocket(api.url)));
      for (const { send } of slow)
        send(`${intakeHead(test.key.secret, { "content-length": 10_000 })}${body("drip").slice(0, 20)}`);
      for (const { until } of slow) expect(await until(/"request_id"/)).toMatch(/^HTTP\/1.1 408 .*"code":"timeout"/s);
      await Promise.all(slow.map(({ closed }) => closed));
      expect(await logged("drip")).toBe(0);
      const next = await rawSocket(api.url);
      next.send(`${intakeHead(test.key.secret, { "content-length": body("after-drip").length })}${body("after-drip")}`);
      expect(await next.until(/"results"/)).toContain('"status":"accepted"');
      next.socket.destroy();
    });
  });

  it("that hang up midway through a body leave nothing behind", async () => {
    await withApi({ limits: { room: { intakes: 2, bytes: 64 * 1024 } } }, async (api) => {
      const whole = `[${Array.from({ length: 100 }, (_, n) => body(`hang-${n}`)).join(",")}]`;
      for (let turn = 0; turn < 20; turn += 1) {
        const one = await rawSocket(api.url);
        one.send(`${intakeHead(test.key.secret, { "content-length": whole.length, expect: "100-continue" })}`);
        await one.until(/100 Continue/);
        one.send(whole.slice(0, whole.length / 2));
        one.socket.end();
        one.socket.destroy();
      }
      const good = body("after-hang");
      let answer = "";
      // The server hears of a client that has gone a moment later than the client goes.
      while (!answer.includes("200 OK")) {
        const next = await rawSocket(api.url);
        next.send(`${intakeHead(test.key.secret, { "content-length": good.length })}${good}`);
        answer = await next.until(/"results"|"error"/);
        next.socket.destroy();
        if (!answer.includes("200 OK")) expect(answer).toContain("503");
      }
      expect(await logged("hang-0")).toBe(0);
      expect(await logged("after-hang")).toBe(1);
    });
  });

  it("may ask before they send: 100 when there is room, the refusal itself when not", async () => {
    const asked = { "content-length": body("ask").length, expect: "100-continue" };
    const [good, bad] = [await rawSocket(test.api.url), await rawSocket(test.api.url)];
    good.send(intakeHead(test.key.secret, asked));
    await good.until(/^HTTP\/1.1 100 Continue/);
    good.send(body("ask"));
    expect(await good.until(/"results"/)).toContain('"status":"accepted"');
    bad.send(intakeHead("jk_wrong", asked));
    expect(await bad.until(/"error"/)).toMatch(/^HTTP\/1.1 401/);
    await bad.closed; // Whether the body still comes is not known, so another request cannot be told from it.
    for (const { socket } of [good, bad]) socket.destroy();
  });

  it("may send several requests without waiting; answers come in their order", async () => {
    const one = await rawSocket(test.api.url);
    const texts = ["pipe-1", "pipe-2", "pipe-3"].map(body);
    one.send(texts.map((text) => `${intakeHead(test.key.secret, { "content-length": text.length })}${text}`).join(""));
    const answers = await one.until(/pipe-3/);
    expect([...answers.matchAll(/"id":"(pipe-\d)"/g)].map(([, id]) => id)).toEqual(["pipe-1", "pipe-2", "pipe-3"]);
    one.socket.destroy();
  });

  it("bring a body in chunks that fall anywhere", async () => {
    const text = ["slow-1", "slow-é", "slow-3"].map(body).join("\n");
    const bytes = Buffer.from(text);
    const one = await rawSocket(test.api.url);
    one.send(intakeHead(test.key.secret, { "content-type": "application/x-ndjson", "transfer-encoding": "chunked" }));
    for (let at = 0; at < bytes.length; at += 7) {
      const chunk = bytes.subarray(at, at + 7);
      one.socket.write(Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]));
      await new Promise(setImmediate);
    }
    one.send("0\r\n\r\n");
    const answer = await one.until(/"results":\[.*\]/);
    expect([...answer.matchAll(/"status":"accepted","id":"([^"]+)"/g)].map(([, id]) => id)).toEqual([
      "slow-1",
      "slow-é",
      "slow-3",
    ]);
    one.socket.destroy();
  });

  it("are refused where a request can be read in two ways", async () => {
    const doubtful: RawSocket = await rawSocket(test.api.url);
    doubtful.send(`${intakeHead(test.key.secret, { "content-length": 5, "transfer-encoding": "chunked" })}0\r\n\r\n`);
    expect(await doubtful.until(/HTTP\/1.1 \d\d\d/)).toMatch(/^HTTP\/1.1 400/);
    const twice = await rawSocket(test.api.url);
    twice.send("POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}");
    expect(await twice.until(/HTTP\/1.1 \d\d\d/)).toMatch(/^HTTP\/1.1 400/);
    for (const { socket } of [doubtful, twice]) socket.destroy();
  });
});
