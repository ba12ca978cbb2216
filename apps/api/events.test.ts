import { gzipSync } from "node:zlib";
import { setModes, showQuarantine } from "@jukebase/events";
import { pgExecutor } from "@jukebase/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, payment, type TestApi, testApi } from "./api.testing.ts";
import { createKey, listKeys, revokeKey } from "./keys.ts";

let test: TestApi;

beforeAll(async () => {
  test = await testApi();
});

afterAll(() => test?.close());

const events = "/v1/events";
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe("POST /v1/events", () => {
  it("acknowledges what is committed, and says of each event what became of it", async () => {
    const answer = await test.post(events, payment("p1"));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("x-request-id")).toMatch(uuid);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const result = { index: 0, status: "accepted", id: "p1", receipt: expect.stringMatching(uuid) };
    expect(await answer.json()).toEqual({
      received: 1,
      accepted: 1,
      duplicates: 0,
      quarantined: 0,
      refused: 0,
      results: [result],
    });
    const { rows } = await test.jukebase.database.pg.query("select source, event_id from events.log");
    expect(rows).toEqual([{ source: "shop", event_id: "p1" }]);
  });

  it("answers a repeated event with duplicate: true and the same receipt", async () => {
    const first = await json(test.post(events, payment("p2")));
    const again = await json(test.post(events, [payment("p2"), payment("p3")]));
    expect(again).toMatchObject({ received: 2, accepted: 1, duplicates: 1, quarantined: 0 });
    expect(again.results[0]).toEqual({
      index: 0,
      status: "duplicate",
      id: "p2",
      receipt: first.results[0]?.receipt,
      duplicate: true,
    });
  });

  it("quarantines what breaks a contract, says why, and takes the rest", async () => {
    const answer = await test.post(events, [
      payment("p4", -1),
      payment("p5"),
      { type: "Sale.Unheard", data: {} },
      payment("p5", 99),
    ]);
    expect(answer.status).toBe(200);
    const { results, ...counts } = await json(Promise.resolve(answer));
    expect(counts).toEqual({ received: 4, accepted: 1, duplicates: 0, quarantined: 3, refused: 0 });
    expect(results[0]).toMatchObject({
      index: 0,
      status: "quarantined",
      id: "p4",
      quarantine: expect.stringMatching(uuid),
      issues: [{ path: "$.PaymentAmount" }],
    });
    expect(results[2]).toMatchObject({ id: null, issues: [{ code: "unknown-type" }] });
    expect(results[3]).toMatchObject({ issues: [{ code: "conflicting-duplicate" }] });
  });

  it("says of an event that a mode discarded that it is, by which mode, and that it is kept", async () => {
    const by = { actor: "cli:test" };
    const modes = { columns: "discard_row", data_type: "discard_row" } as const;
    await setModes(test.jukebase, "Payment.PaymentReceived", modes, by);
    await setModes(test.jukebase, "Sale.Unheard", { tables: "discard_value" }, by);
    const strange = { ...payment("d2"), data: { ...(payment("d2").data as object), Remark: "in coins" } };
    const sent = [
      payment("d1", "many"),
      strange,
      { type: "Sale.Unheard", id: "d3" },
      payment("d4"),
      { ...payment("d5"), data: {} },
    ];
    const { results, ...counts } = await json(test.post(events, sent, { "idempotency-key": "discarded" }));
    const again = await json(test.post(events, sent, { "idempotency-key": "discarded" }));
    await setModes(test.jukebase, "Payment.PaymentReceived", { columns: null, data_type: null }, by);
    await setModes(test.jukebase, "Sale.Unheard", { tables: null }, by);
    expect(counts).toEqual({ received: 5, accepted: 1, duplicates: 0, quarantined: 4, refused: 0 });
    const discarded = (id: string, code: string, mode: string) => ({
      id,
      status: "quarantined",
      reason: "discarded-row",
      resolution: `Discarded by the mode ${mode}. It is kept in quarantine, marked as discarded: nobody is asked to mend it, and no replay takes it.`,
      issues: [{ code }],
    });
    expect(results).toMatchObject([
      discarded("d1", "not-an-amount", "discard_row for data_type of Payment.PaymentReceived"),
      discarded("d2", "unknown-field", "discard_row for columns of Payment.PaymentReceived"),
      discarded("d3", "unknown-type", "discard_value for tables of types without a contract"),
      { id: "d4", status: "accepted" },
      { id: "d5", status: "quarantined", reason: "missing" },
    ]);
    expect(results.map((result) => "resolution" in result)).toEqual([true, true, true, false, false]);
    expect(again.results).toEqual(results);
    expect(await json(test.ask(`${events}/d2`))).toMatchObject({
      status: "quarantined",
      state: "discarded",
      resolution: "Discarded by the mode discard_row for columns of Payment.PaymentReceived.",
    });
  });

  it("takes NDJSON, said or seen, and keeps the broken line", async () => {
    const lines = `${JSON.stringify(payment("n1"))}\n{"type":\n${JSON.stringify(payment("n2"))}\n`;
    for (const [type, outcome] of [
      ["application/x-ndjson", "accepted"],
      ["application/json; charset=utf-8", "duplicate"],
    ] as const) {
      const { results } = await json(test.post(events, lines, { "content-type": type }));
      expect(results.map(({ status }) => status)).toEqual([outcome, "quarantined", outcome]);
    }
  });

  it("keeps broken JSON in quarantine as it was received", async () => {
    const text = '{"type": "Payment.PaymentReceived", "data": {"PaymentAmount": 1e400, ';
    const answer = await test.post(events, text);
    expect(answer.status).toBe(200);
    const [result] = (await json(Promise.resolve(answer))).results;
    expect(result).toMatchObject({ status: "quarantined", id: null });
    const held = await showQuarantine(pgExecutor(test.jukebase.database.pg), test.jukebase.keys, String(result?.quarantine));
    expect(held.received?.trim()).toBe(text.trim());
  });

  it("reads numbers exactly", async () => {
    const text =
      '{"type":"Payment.PaymentReceived","id":"exact","data":{"PaymentAmount":12345678901234567.89,"OccurredAt":"2025-03-01T10:00:00Z"}}';
    expect(await json(test.post(events, text))).toMatchObject({ accepted: 1 });
    const { rows } = await test.jukebase.database.pg.query(
      "select data ->> 'PaymentAmount' as amount from events.log where event_id = 'exact'",
    );
    expect(rows).toEqual([{ amount: "12345678901234567.89" }]);
  });

  it("tells equal events without ids apart by the Idempotency-Key", async () => {
    const send = async (key?: string): Promise<unknown> => {
      const { accepted, duplicates } = await json(
        test.post(events, [payment(undefined, 7), payment(undefined, 7)], key ? { "idempotency-key": key } : {}),
      );
      return { accepted, duplicates };
    };
    expect(await send("a")).toEqual({ accepted: 2, duplicates: 0 });
    expect(await send("b")).toEqual({ accepted: 2, duplicates: 0 });
    expect(await send()).toEqual({ accepted: 2, duplicates: 0 });
    expect(await send()).toEqual({ accepted: 0, duplicates: 2 });
    expect((await test.post(events, payment("x"), { "idempotency-key": "x".repeat(201) })).status).toBe(400);
  });

  it("answers each of many requests at once with its own events, duplicates and faults among them", async () => {
    const before = await batches();
    const sent = Array.from({ length: 60 }, (_, n) => [payment(`m${n}`), payment(`m${n % 7}-again`), payment(`m${n}-bad`, -1)]);
    const answers = await Promise.all(sent.map((body) => json(test.post(events, body))));
    for (const [n, { results }] of answers.entries()) {
      expect(results.map(({ index, id }) => [index, id])).toEqual(
        [`m${n}`, `m${n % 7}-again`, `m${n}-bad`].map((id, index) => [index, id]),
      );
      expect(results.map(({ status }) => status)).toEqual([
        "accepted",
        expect.stringMatching(/accepted|duplicate/),
        "quarantined",
      ]);
    }
    const accepted = answers.reduce((sum, answer) => sum + answer.accepted, 0);
    expect(accepted).toBe(60 + 7);
    expect((await batches()) - before).toBeLessThan(60);
  });

  it("takes gzip", async () => {
    const answer = await test.post(events, gzipSync(JSON.stringify([payment("z1"), payment("z2")])), {
      "content-encoding": "gzip",
    });
    expect(await answer.json()).toMatchObject({ accepted: 2 });
  });

  it.each([
    ["an empty body", 400, "invalid", "", {}],
    ["an empty array", 400, "invalid", "[]", {}],
    ["what does not begin as events do", 400, "invalid", "hello", {}],
    ["damaged gzip", 400, "invalid", Buffer.from("1f8b0800000000000003ffff", "hex"), { "content-encoding": "gzip" }],
    ["another media type", 415, "unsupported_media_type", "type=x", { "content-type": "application/x-www-form-urlencoded" }],
    ["another encoding", 415, "unsupported_media_type", "{}", { "content-encoding": "br" }],
    ["more than 5 MiB", 413, "too_large", "x".repeat(5 * 1024 * 1024 + 1), {}],
    ["a bomb of gzip", 413, "too_large", gzipSync(Buffer.alloc(60 * 1024 * 1024)), { "content-encoding": "gzip" }],
    ["too many events", 413, "too_large", `[${"{},".repeat(10_000)}{}]`, {}],
  ])("refuses %s with %i, and takes nothing in", async (_name, status, code, body, headers) => {
    const before = await batches();
    const answer = await test.post(events, body, headers as Record<string, string>);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({
      error: { code, message: expect.any(String), request_id: answer.headers.get("x-request-id") },
    });
    expect(await batches()).toBe(before);
  });
});

describe("keys", () => {
  it("are asked for, known, and not revoked", async () => {
    const unsigned = await test.post(events, payment("k1"), { authorization: "" });
    expect(unsigned.status).toBe(401);
    expect(unsigned.headers.get("www-authenticate")).toBe("Bearer");
    const { id, secret } = await createKey(test.jukebase, { name: "other", source: "other" }, "cli:test");
    const last = secret.endsWith("A") ? "B" : "A";
    for (const wrong of [`${secret.slice(0, -1)}${last}`, "jk_x", `jk_${"0".repeat(32)}_${"a".repeat(43)}`]) {
      expect((await test.post(events, payment("k1"), { authorization: `Bearer ${wrong}` })).status).toBe(401);
    }
    expect((await test.post(events, payment("k1"), { authorization: `Bearer ${secret}` })).status).toBe(200);
    expect(await listKeys(test.jukebase)).toContainEqual(
      expect.objectContaining({ id, name: "other", source: "other", revoked_at: null, last_used_at: expect.any(String) }),
    );
    await revokeKey(test.jukebase, id, "cli:test");
    const revoked = await test.post(events, payment("k2"), { authorization: `Bearer ${secret}` });
    expect(revoked.status).toBe(403);
    expect(await revoked.json()).toMatchObject({ error: { code: "forbidden" } });
    await expect(revokeKey(test.jukebase, id, "cli:test")).rejects.toThrow("revoked before");
  });

  it("are kept as their hash alone, and speak for their source", async () => {
    const { secret } = test.key;
    expect(secret).toMatch(/^jk_[0-9a-f]{32}_[\w-]{43}$/);
    const { rows } = await test.jukebase.database.pg.query(
      "select octet_length(secret_hash) as bytes, to_jsonb(api_key)::text as row from platform.api_key where source = 'shop'",
    );
    expect(rows[0].bytes).toBe(32);
    expect(rows[0].row).not.toContain(secret.slice(-43));
    const { results } = await json(test.post(events, { ...payment("k3"), source: "elsewhere" }));
    expect(results[0]?.issues[0]?.code).toBe("wrong-source");
  });

  it("note their use at most once a minute", async () => {
    const used = async (): Promise<unknown> =>
      (await listKeys(test.jukebase)).find(({ source }) => source === "shop")?.last_used_at;
    const before = await used();
    await test.ask("/v1/contracts");
    expect(await used()).toBe(before);
  });
});

async function batches(): Promise<number> {
  const { rows } = await test.jukebase.database.pg.query<{ n: number }>("select count(*)::int as n from events.batch");
  return rows[0]?.n as number;
}
