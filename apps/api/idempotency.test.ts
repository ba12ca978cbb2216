import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, payment, type TestApi, testApi } from "./api.testing.ts";
import { startApi } from "./server.ts";

let test: TestApi;

beforeAll(async () => {
  test = await testApi();
});

afterAll(() => test?.close());

const events = "/v1/events";
const under = (key: string): Record<string, string> => ({ "idempotency-key": key });

async function count(table: string): Promise<number> {
  const { rows } = await test.jukebase.database.pg.query(`select count(*)::int as n from ${table}`);
  return rows[0].n;
}

describe("Idempotency-Key", () => {
  it("gives the same request the same answer, and adds nothing: not to the log, not to the quarantine", async () => {
    const body = [payment("i1"), payment(undefined, 5), payment("i2", -1)];
    const first = await json(test.post(events, body, under("k1")));
    expect(first).toMatchObject({ accepted: 2, quarantined: 1 });
    const before = [await count("events.log"), await count("events.quarantine"), await count("events.batch")];
    expect(await json(test.post(events, body, under("k1")))).toEqual(first);
    expect([await count("events.log"), await count("events.quarantine"), await count("events.batch")]).toEqual(before);
  });

  it("with another body is a conflict that says so, and takes nothing in", async () => {
    await test.post(events, payment("i3"), under("k2"));
    const other = await test.post(events, payment("i4"), under("k2"));
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ error: { code: "conflict", message: expect.stringContaining("another body") } });
    expect((await test.ask(`${events}/i4`)).status).toBe(404);
  });

  it("sent many times at once is taken in once, and every answer is the same", async () => {
    const body = [payment(undefined, 8), payment(undefined, 8)];
    const answers = await Promise.all(Array.from({ length: 8 }, () => json(test.post(events, body, under("k3")))));
    expect(answers[0]).toMatchObject({ accepted: 2 });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it("is kept neither as it is nor with what was answered in the open", async () => {
    await test.post(events, payment("i5"), under("my-secret-order-7"));
    const { rows } = await test.jukebase.database.pg.query("select to_jsonb(idempotency)::text as row from platform.idempotency");
    const text = rows.map(({ row }) => row).join();
    for (const told of [
      "my-secret-order-7",
      "i5",
      Buffer.from("my-secret-order-7").toString("hex"),
      Buffer.from("i5").toString("base64"),
    ])
      expect(text).not.toContain(told);
  });

  it("is forgotten after a day", async () => {
    await test.post(events, payment("i6"), under("k4"));
    const tomorrow = { ...test.jukebase, clock: { now: () => new Date(Date.now() + 25 * 60 * 60 * 1000) } };
    const api = await startApi(tomorrow, { host: "127.0.0.1", port: 0 });
    try {
      const headers = { authorization: `Bearer ${test.key.secret}`, "content-type": "application/json", ...under("k4") };
      const send = (): Promise<Response> =>
        fetch(`${api.url}${events}`, { method: "POST", body: JSON.stringify(payment("i7")), headers });
      expect(await json(send())).toMatchObject({ accepted: 1 });
      expect(await json(send())).toMatchObject({ accepted: 1 });
    } finally {
      await api.close();
    }
  });
});
