import { type Clock, pgExecutor } from "@jukebase/platform";
import { auditTrail } from "@jukebase/platform/audit.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, payment, type TestApi, testApi } from "./api.testing.ts";
import { createKey, type KeyGrant, listKeys, revokeKey, rotateKey } from "./keys.ts";
import { startApi } from "./server.ts";

let test: TestApi;

beforeAll(async () => {
  test = await testApi();
});

afterAll(() => test?.close());

const events = "/v1/events";
const hour_ms = 60 * 60 * 1000;

async function keyFor(grant: Partial<KeyGrant> & { name: string }): Promise<{ id: string; authorization: string }> {
  const { id, secret } = await createKey(test.jukebase, { source: "shop", ...grant }, "cli:test");
  return { id, authorization: `Bearer ${secret}` };
}

const later = (ms: number): Clock => ({ now: () => new Date(Date.now() + ms) });

describe("a key", () => {
  it("of some types refuses others event by event: not received, not counted, not stored", async () => {
    const { authorization } = await keyFor({ name: "narrow", types: ["Payment.*", "Music.SongListened"] });
    const before = await received();
    const sent = [payment("t1"), { type: "Sale.CustomerRegistered", id: "t2", data: {} }, { type: "Paymentx.Y", data: {} }];
    const answer = await json(test.post(events, sent, { authorization }));
    expect(answer).toMatchObject({ received: 1, accepted: 1, quarantined: 0, refused: 2 });
    expect(answer.results[1]).toEqual({
      index: 1,
      status: "refused",
      id: "t2",
      reason: "type-not-allowed",
      issues: [expect.objectContaining({ path: "$.type", code: "type-not-allowed" })],
    });
    const nothing = await json(test.post(events, sent.slice(1), { authorization }));
    expect(nothing).toMatchObject({ received: 0, refused: 2 });
    expect((await received()) - before).toBe(1);
    expect((await test.ask(`${events}/t2`)).status).toBe(404);
    await expect(keyFor({ name: "wrong", types: ["Payment*"] })).rejects.toThrow("Payment*");
  });

  it("of several sources speaks for the one in the header, else in the events, else its first", async () => {
    const { authorization } = await keyFor({ name: "several", more_sources: ["kiosk"] });
    const source = async (id: string, body: object, headers: Record<string, string> = {}): Promise<unknown> => {
      expect(await json(test.post(events, body, { authorization, ...headers }))).toMatchObject({ accepted: 1 });
      return (await json<{ source: string }>(test.ask(`${events}/${id}`, { headers: { authorization } }))).source;
    };
    expect(await source("m1", payment("m1"))).toBe("shop");
    expect(await source("m2", { ...payment("m2"), source: "kiosk" })).toBe("kiosk");
    expect(await source("m3", payment("m3"), { "jukebase-source": "kiosk" })).toBe("kiosk");
    const mixed = [
      { ...payment("m4"), source: "kiosk" },
      { ...payment("m5"), source: "shop" },
    ];
    expect((await test.post(events, mixed, { authorization })).status).toBe(400);
    const other = await test.post(events, payment("m6"), { authorization, "jukebase-source": "elsewhere" });
    expect(other.status).toBe(403);
    expect(await other.text()).toContain("shop, kiosk");
  });

  it("that may not read reports is refused there, and sends on", async () => {
    const { authorization } = await keyFor({ name: "sender", reads_reports: false });
    for (const path of ["/v1/reports", "/v1/reports/cash-received"])
      expect((await test.ask(path, { headers: { authorization } })).status).toBe(403);
    expect((await test.post(events, payment("only-sends"), { authorization })).status).toBe(200);
  });

  it("ends when it said it would", async () => {
    const { authorization } = await keyFor({ name: "short", expires_at: new Date(Date.now() + hour_ms) });
    expect((await test.post(events, payment("e1"), { authorization })).status).toBe(200);
    const tomorrow = { ...test.jukebase, clock: later(2 * hour_ms) };
    const api = await startApi(tomorrow, { host: "127.0.0.1", port: 0 });
    try {
      const answer = await fetch(`${api.url}${events}`, { method: "POST", headers: { authorization }, body: "{}" });
      expect(answer.status).toBe(403);
      expect(await answer.text()).toContain("expired");
    } finally {
      await api.close();
    }
    await expect(keyFor({ name: "late", expires_at: new Date(0) })).rejects.toThrow("lies ahead");
  });

  it("is rotated: both are valid for a while, with the same rights, then only the new one", async () => {
    const old = await keyFor({ name: "turning", types: ["Payment.*"], limits: { events_per_minute: 500 } });
    const made = await rotateKey(test.jukebase, "turning", hour_ms, "cli:test");
    const authorization = `Bearer ${made.secret}`;
    for (const [n, one] of [old.authorization, authorization].entries())
      expect((await test.post(events, payment(`rot-${n}`), { authorization: one })).status).toBe(200);
    const [before, after] = ["id", "replaces"].map((name) => (key: Record<string, unknown>) => key[name] === old.id);
    const keys = await listKeys(test.jukebase);
    expect(keys.find(after as never)).toMatchObject({ name: "turning", types: ["Payment.*"], events_per_minute: 500 });
    expect(keys.find(before as never)?.expires_at).toBe(made.valid_until.replace(/0+Z$/, "Z"));
    const overlap_over = { ...test.jukebase, clock: later(2 * hour_ms) };
    const api = await startApi(overlap_over, { host: "127.0.0.1", port: 0 });
    try {
      const status = async (key: string): Promise<number> =>
        (await fetch(`${api.url}/v1/contracts`, { headers: { authorization: key } })).status;
      expect([await status(old.authorization), await status(authorization)]).toEqual([403, 200]);
    } finally {
      await api.close();
    }
    const again = await rotateKey(test.jukebase, "turning", hour_ms, "cli:test");
    expect(again.replaces).toBe(made.id);
    await expect(rotateKey(test.jukebase, "nobody", hour_ms, "cli:test")).rejects.toThrow("No valid API key");
  });

  it("that one of several of its name is rotated by its id", async () => {
    const [one] = [await keyFor({ name: "twin" }), await keyFor({ name: "twin" })];
    await expect(rotateKey(test.jukebase, "twin", hour_ms, "cli:test")).rejects.toThrow(one.id);
    expect((await rotateKey(test.jukebase, one.id, hour_ms, "cli:test")).replaces).toBe(one.id);
  });

  it("leaves each change in the audit log, and never its secret", async () => {
    const { id, authorization } = await keyFor({ name: "audited", types: ["Payment.*"] });
    await rotateKey(test.jukebase, id, hour_ms, "cli:somebody");
    await revokeKey(test.jukebase, id, "cli:somebody");
    const trail = await auditTrail(pgExecutor(test.jukebase.database.pg), { object: id });
    expect(trail.map(({ action, actor }) => [action, actor])).toEqual([
      ["key.revoke", "cli:somebody"],
      ["key.rotate", "cli:somebody"],
      ["key.create", "cli:test"],
    ]);
    expect(trail.at(-1)?.after).toMatchObject({ name: "audited", types: ["Payment.*"], sources: ["shop"] });
    expect(JSON.stringify(trail)).not.toContain(authorization.slice(-43));
  });

  it("is looked up once while it is believed, and asked for again after", async () => {
    const api = await startApi(test.jukebase, { host: "127.0.0.1", port: 0, limits: { key_ms: 60_000 } });
    try {
      const { id, authorization } = await keyFor({ name: "believed" });
      const status = async (url: string): Promise<number> =>
        (await fetch(`${url}/v1/contracts`, { headers: { authorization } })).status;
      expect(await status(api.url)).toBe(200);
      await revokeKey(test.jukebase, id, "cli:test");
      expect(await status(api.url)).toBe(200);
      expect(await status(test.api.url)).toBe(403);
    } finally {
      await api.close();
    }
  });
});

describe("limits of a key", () => {
  it("count requests, events and bytes in a minute, and say when there is room again", async () => {
    const { authorization } = await keyFor({ name: "few", limits: { events_per_minute: 60, requests_per_minute: 100 } });
    const send = (n: number): Promise<Response> =>
      test.post(
        events,
        Array.from({ length: 80 }, (_, at) => payment(`few-${n}-${at}`)),
        { authorization },
      );
    const first = await send(0);
    expect(first.status).toBe(200);
    expect(first.headers.get("ratelimit-policy")).toContain('"events";q=60;w=60');
    expect(first.headers.get("ratelimit")).toBe('"requests";r=99;t=1');
    const second = await send(1);
    expect(second.status).toBe(429);
    expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(15);
    expect(await second.json()).toMatchObject({
      error: { code: "too_many_requests", message: expect.stringContaining("events") },
    });
    const bytes = await keyFor({ name: "thin", limits: { bytes_per_minute: 100 } });
    const statuses = [await test.post(events, payment("by1"), bytes), await test.post(events, payment("by2"), bytes)];
    expect(statuses.map(({ status }) => status)).toEqual([200, 429]);
  });

  it("bound a body, as sent and as unfolded", async () => {
    const { authorization } = await keyFor({ name: "small", limits: { body_bytes: 200 } });
    expect((await test.post(events, payment("sm1"), { authorization })).status).toBe(200);
    const large = await test.post(events, [payment("sm2"), payment("sm3"), payment("sm4")], { authorization });
    expect(large.status).toBe(413);
    expect(await large.text()).toContain("200 bytes with this key");
  });
});

async function received(): Promise<number> {
  const { rows } = await test.jukebase.database.pg.query("select coalesce(sum(received), 0)::int as n from events.batch");
  return rows[0].n;
}
