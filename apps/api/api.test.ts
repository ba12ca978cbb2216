import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { catchUp } from "@jukebase/domains/catch-up.ts";
import { unsealFile } from "@jukebase/platform/inbox.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, payment, type TestApi, testApi } from "./api.testing.ts";
import { startApi } from "./server.ts";

let test: TestApi;

beforeAll(async () => {
  test = await testApi();
  await test.post("/v1/events", [payment("p1"), payment("p2", "32.50"), payment("p3", -1)]);
  await catchUp(test.jukebase);
});

afterAll(() => test?.close());

describe("reports", () => {
  it("are listed with their parameters", async () => {
    const { reports } = await json(test.ask("/v1/reports"));
    expect(reports.map(({ name }) => name)).toContain("cash-received");
    expect(reports[0]).toMatchObject({ columns: expect.any(Array), grains: expect.any(Array), options: { type: "object" } });
  });

  it("are answered as JSON, with money as text and up to where the log is in it", async () => {
    const answer = await json(test.ask("/v1/reports/cash-received?grain=month&from=2025-01-01"));
    expect(answer).toMatchObject({ report: "cash-received", as_of: { seq: 1, by: expect.any(Object) } });
    expect(answer.rows).toEqual([
      expect.objectContaining({ period: "2025-03-01", currency: "USD", payments: 2, amount: "42.50" }),
    ]);
  });

  it("are answered as files that hold the same", async () => {
    const csv = await test.ask("/v1/reports/cash-received.csv?grain=month");
    expect(csv.headers.get("content-type")).toContain("text/csv");
    expect(csv.headers.get("content-disposition")).toBe("attachment; filename=cash-received.csv");
    expect(await csv.text()).toContain("2025-03-01,USD,2,42.50");
    const xlsx = await test.ask("/v1/reports/cash-received.xlsx");
    expect(xlsx.headers.get("content-type")).toBe("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    expect(
      Buffer.from(await xlsx.arrayBuffer())
        .subarray(0, 2)
        .toString(),
    ).toBe("PK");
  });

  it("refuse a parameter that they do not have, and a report that is none", async () => {
    expect((await test.ask("/v1/reports/cash-received?nonsense=1")).status).toBe(400);
    const none = await test.ask("/v1/reports/nothing.csv");
    expect(none.status).toBe(404);
    expect(await none.json()).toMatchObject({ error: { code: "not_found", message: expect.stringContaining("cash-received") } });
  });
});

describe("contracts", () => {
  it("are listed, and shown as JSON Schema in each version", async () => {
    const { contracts } = await json(test.ask("/v1/contracts"));
    expect(contracts.map(({ type }) => type)).toContain("Sale.DeviceAllocated");
    expect(contracts.find(({ type }) => type === "Sale.DeviceAllocated")).toMatchObject({
      schemavers: ["1-0-0", "2-0-0"],
      modes: { tables: "freeze", columns: "evolve", data_type: "freeze" },
    });
    const schema = await test.ask("/v1/contracts/Payment.PaymentReceived?version=1");
    expect(schema.headers.get("content-type")).toContain("application/schema+json");
    expect(await schema.json()).toMatchObject({ title: "Payment.PaymentReceived version 1" });
    expect(await json(test.ask("/v1/contracts/Payment.PaymentReceived?version=1-0-0"))).toMatchObject({
      title: "Payment.PaymentReceived version 1",
    });
    expect((await test.ask("/v1/contracts/Payment.PaymentReceived?version=9")).status).toBe(400);
    expect((await test.ask("/v1/contracts/Payment.PaymentReceived?version=1-0-9")).status).toBe(400);
    expect((await test.ask("/v1/contracts/Nothing")).status).toBe(404);
  });
});

describe("loads", () => {
  it("keep the file sealed and hand it to a worker", async () => {
    const text = `${JSON.stringify(payment("f1"))}\n`;
    const answer = await test.post("/v1/loads?name=payments.ndjson", text, { "content-type": "application/x-ndjson" });
    expect(answer.status).toBe(202);
    const { id } = await json(Promise.resolve(answer));
    expect(answer.headers.get("location")).toBe(`/v1/loads/${id}`);
    const shown = await json(test.ask(`/v1/loads/${id}`));
    expect(shown).toEqual({
      id,
      status: "waiting",
      received: 0,
      accepted: 0,
      duplicates: 0,
      quarantined: 0,
      finished_at: null,
      error: null,
    });
    const { rows } = await test.jukebase.database.pg.query(
      "select id, data, retry_limit, dead_letter from pgboss.job where name = 'events.load'",
    );
    expect(rows).toEqual([
      { id, data: { file: `${id}-payments.ndjson`, source: "shop" }, retry_limit: 8, dead_letter: "events.load.dead" },
    ]);
    const chunks: Uint8Array[] = [];
    for await (const chunk of unsealFile(`${test.jukebase.config.home}/inbox/${id}-payments.ndjson`, test.jukebase.keys.vault))
      chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe(text);
  });

  it("refuse a name that is a path, an empty file, and the question after another's load", async () => {
    expect((await test.post("/v1/loads?name=../x", "{}")).status).toBe(400);
    expect((await test.post("/v1/loads", "")).status).toBe(400);
    expect((await test.ask("/v1/loads/0198c0de-0000-7000-8000-000000000001")).status).toBe(404);
    expect((await test.ask("/v1/loads/what")).status).toBe(404);
  });
});

describe("operation", () => {
  it("is up and ready, without a key", async () => {
    expect(await (await fetch(`${test.api.url}/health`)).json()).toEqual({ status: "up" });
    const ready = await fetch(`${test.api.url}/ready`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ status: "ready", checks: { database: "ok", migrations: "ok", process: "ok" } });
  });

  it("measures in Prometheus' format", async () => {
    const text = await (await fetch(`${test.api.url}/metrics`)).text();
    const samples = new Map<string, number>();
    for (const line of text.split("\n").filter((one) => one !== "" && !one.startsWith("#"))) {
      const [, series = "", value = ""] = /^([a-zA-Z_:][\w:]*(?:\{[^}]*\})?) (\S+)$/.exec(line) ?? [];
      expect(series, line).not.toBe("");
      samples.set(series, Number(value));
    }
    expect(samples.get('jukebase_events_received_total{source="shop"}')).toBe(3);
    expect(samples.get('jukebase_events_logged_total{source="shop"}')).toBe(2);
    expect(samples.get('jukebase_events_quarantined_total{source="shop"}')).toBe(1);
    expect(samples.get('jukebase_quarantine_open_items{source="shop"}')).toBe(1);
    expect(samples.get('jukebase_projection_behind_batches{projection="sales"}')).toBe(0);
    expect(samples.get('jukebase_jobs{queue="events.load",state="created"}')).toBe(1);
    expect(text).toContain("# TYPE jukebase_orphan_events gauge");
    expect(samples.get("jukebase_database_up")).toBe(1);
    expect([...samples.keys()].some((name) => name.startsWith("jukebase_mart_stale{"))).toBe(true);
    expect(samples.get('jukebase_http_request_duration_seconds_count{method="GET",route="/v1/reports",status="200"}')).toBe(1);
    await test.jukebase.database.pg.query("update events.quarantine set bytes_day = current_date - 80");
    await test.jukebase.database.pg.query(
      `insert into marts_store.refresh (run_id, mart, reason, outcome, started_at, duration_ms, rows_changed, lag_ms, held_ms)
       values (uuidv7(), 'fct_sales', 'event', 'refreshed', now(), 300, 7, 1500, 2000)`,
    );
    const again = await (await fetch(`${test.api.url}/metrics`)).text();
    expect(again).toMatch(/^jukebase_quarantine_expiring_items\{type="Payment\.PaymentReceived",reason="[\w-]+"\} 1$/m);
    expect(again).toContain('jukebase_events_received_total{source="shop"} 3\n');
    for (const pass of [again, await (await fetch(`${test.api.url}/metrics`)).text()]) {
      expect(pass).toContain('jukebase_mart_refreshes_total{mart="fct_sales",outcome="refreshed",reason="event"} 1\n');
      expect(pass).toContain('jukebase_mart_refresh_duration_seconds_sum{mart="fct_sales"} 0.3\n');
      expect(pass).toContain('jukebase_mart_refresh_rows_changed_total{mart="fct_sales"} 7\n');
      expect(pass).toContain('jukebase_mart_refresh_lag_seconds_bucket{le="2.5",mart="fct_sales"} 1\n');
      expect(pass).toContain('jukebase_mart_refresh_held_seconds_total{mart="fct_sales"} 2\n');
      expect(pass).toContain('jukebase_mart_refresh_pressure{pressure="behind"} 0\n');
    }
  });

  it("refuses what is not there, and methods that are not", async () => {
    expect((await test.ask("/v1/nothing")).status).toBe(404);
    const method = await test.ask("/v1/events", { method: "DELETE" });
    expect(method.status).toBe(405);
    expect(method.headers.get("allow")).toBe("POST");
    expect((await test.ask("/v1/events/%E0%A4%A")).status).toBe(400);
  });
});

describe("when the database is away", () => {
  it("is up, not ready, and acknowledges nothing", async () => {
    const { pg } = test.jukebase.database;
    const Pool = pg.constructor as new (options: object) => typeof pg;
    const nowhere = new Pool({ connectionString: "postgres://nobody@127.0.0.1:1/none" });
    const jukebase = { ...test.jukebase, database: { ...test.jukebase.database, pg: nowhere } };
    const api = await startApi(jukebase, { host: "127.0.0.1", port: 0 });
    try {
      expect((await fetch(`${api.url}/health`)).status).toBe(200);
      const ready = await fetch(`${api.url}/ready`);
      expect(ready.status).toBe(503);
      expect(await ready.json()).toMatchObject({ status: "not ready", checks: { database: "does not answer" } });
      const headers = { authorization: `Bearer ${test.key.secret}`, "content-type": "application/json" };
      const refused = await fetch(`${api.url}/v1/events`, { method: "POST", body: JSON.stringify(payment("away")), headers });
      expect(refused.status).toBe(503);
      expect(refused.headers.get("retry-after")).toBe("5");
      const text = await refused.text();
      expect(JSON.parse(text)).toMatchObject({ error: { code: "unavailable" } });
      expect(text).not.toMatch(/ECONNREFUSED|select|127\.0\.0\.1/);
      expect(await (await fetch(`${api.url}/metrics`)).text()).toContain("jukebase_database_up 0");
    } finally {
      await api.close();
      await nowhere.end();
    }
  });
});

describe("limits", () => {
  it("ask a key that comes too often to wait, and an address that guesses", async () => {
    const api = await startApi(test.jukebase, {
      host: "127.0.0.1",
      port: 0,
      limits: { perKey: { requests: 3 }, failuresPerAddress: 2 },
    });
    const status = async (secret: string): Promise<[number, boolean]> => {
      const answer = await fetch(`${api.url}/v1/contracts`, { headers: { authorization: `Bearer ${secret}` } });
      return [answer.status, Number(answer.headers.get("retry-after")) > 0];
    };
    try {
      for (const expected of [200, 200, 200, 429]) expect(await status(test.key.secret)).toEqual([expected, expected === 429]);
      for (const expected of [401, 401, 429]) expect(await status("jk_guess")).toEqual([expected, expected === 429]);
    } finally {
      await api.close();
    }
  });

  it("cut off a body that does not come, and headers that are too large", async () => {
    const api = await startApi(test.jukebase, { host: "127.0.0.1", port: 0, limits: { body_ms: 150 } });
    try {
      const slow = begin(api.url);
      slow.write('{"type":');
      const [answer] = (await once(slow, "response")) as [IncomingMessage];
      expect(answer.statusCode).toBe(408);
      answer.resume();
      slow.on("error", () => undefined).destroy();
      const large = await fetch(`${api.url}/health`, { headers: { "x-large": "x".repeat(17 * 1024) } });
      expect(large.status).toBe(431);
    } finally {
      await api.close();
    }
  });

  it("refuse with 503 what is more than can be under way, and take it when it comes again", async () => {
    const api = await startApi(test.jukebase, { host: "127.0.0.1", port: 0, limits: { room: { intakes: 1 } } });
    try {
      const first = begin(api.url);
      first.write(" ");
      const headers = { authorization: `Bearer ${test.key.secret}`, "content-type": "application/json" };
      const send = (): Promise<Response> =>
        fetch(`${api.url}/v1/events`, { method: "POST", body: JSON.stringify(payment("b1")), headers });
      let refused = await send();
      for (let tries = 0; refused.status === 200 && tries < 100; tries += 1) refused = await send();
      expect(refused.status).toBe(503);
      expect(refused.headers.get("retry-after")).toBe("1");
      first.end(JSON.stringify(payment("b2")));
      const [answer] = (await once(first, "response")) as [IncomingMessage];
      expect(answer.statusCode).toBe(200);
      answer.resume();
      expect((await send()).status).toBe(200);
    } finally {
      await api.close();
    }
  });

  it("let what is under way end when the API closes", async () => {
    const api = await startApi(test.jukebase, { host: "127.0.0.1", port: 0 });
    const under_way = begin(api.url);
    under_way.write(" ");
    await fetch(`${api.url}/health`);
    const closed = api.close();
    under_way.end(JSON.stringify(payment("last")));
    const [answer] = (await once(under_way, "response")) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    answer.resume();
    await closed;
    await expect(fetch(`${api.url}/health`)).rejects.toThrow();
  });
});

/** A request with the key whose body is still to come. */
function begin(url: string): ClientRequest {
  return request(`${url}/v1/events`, {
    method: "POST",
    agent: false,
    headers: { authorization: `Bearer ${test.key.secret}`, "content-type": "application/json", "transfer-encoding": "chunked" },
  });
}
