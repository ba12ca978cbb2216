import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, type TestApi, testApi } from "./api.testing.ts";

let test: TestApi;

beforeAll(async () => {
  test = await testApi();
});

afterAll(() => test?.close());

const events = "/v1/events";
const structured = { "content-type": "application/cloudevents+json; charset=utf-8" };
const batch = { "content-type": "application/cloudevents-batch+json" };
const data = { PaymentAmount: "12.75", OccurredAt: "2025-03-01T10:00:00Z" };

const event = (id: string, more: object = {}): Record<string, unknown> => ({
  specversion: "1.0",
  type: "Payment.PaymentReceived",
  source: "/tills/7",
  id,
  time: "2025-03-01T10:00:00Z",
  data,
  ...more,
});

async function log(id: string): Promise<Record<string, unknown> | undefined> {
  const { rows } = await test.jukebase.database.pg.query(
    "select type, version, source, event_id, data, unknown is not null as keeps_more from events.log where event_id = $1",
    [id],
  );
  return rows[0];
}

describe("CloudEvents", () => {
  it("are taken in structured mode, and what else they say is kept, sealed", async () => {
    const { results } = await json(test.post(events, event("s1", { traceparent: "00-ab", subject: "till" }), structured));
    expect(results[0]).toMatchObject({ status: "accepted", id: "/tills/7 s1" });
    expect(await log("/tills/7 s1")).toEqual({
      type: "Payment.PaymentReceived",
      version: expect.any(Number),
      source: "shop",
      event_id: "/tills/7 s1",
      data: expect.objectContaining({ PaymentAmount: "12.75" }),
      keeps_more: true,
    });
  });

  it("are taken in batches, an empty one too", async () => {
    const answer = await json(test.post(events, [event("b1"), event("b2"), event("b1")], batch));
    expect(answer).toMatchObject({ received: 3, accepted: 2, duplicates: 1 });
    expect(await json(test.post(events, [], batch))).toEqual({
      received: 0,
      accepted: 0,
      duplicates: 0,
      quarantined: 0,
      refused: 0,
      results: [],
    });
  });

  it("are taken in binary mode, with header values percent-decoded and quotes taken off", async () => {
    const headers = {
      "content-type": "application/json",
      "ce-specversion": "1.0",
      "ce-type": "Payment.PaymentReceived",
      "ce-source": "/caf%C3%A9/%25",
      "ce-id": '"b\\"1"',
      "ce-time": "2025-03-01T10:00:00Z",
      "ce-comment": "Euro%20%E2%82%AC%20%F0%9F%98%80",
    };
    const { results } = await json(
      test.post(events, '{"PaymentAmount":12345678901234567.89,"OccurredAt":"2025-03-01"}', headers),
    );
    expect(results[0]).toMatchObject({ status: "accepted", id: '/café/% b"1' });
    expect(await log('/café/% b"1')).toMatchObject({ data: { PaymentAmount: "12345678901234567.89" } });
    const bad = await test.post(events, data, { ...headers, "ce-comment": "%E2%82" });
    expect(bad.status).toBe(400);
    expect(await bad.text()).toContain("ce-comment");
  });

  it("are the same event in every mode", async () => {
    const binary = {
      "content-type": "application/json",
      "ce-specversion": "1.0",
      "ce-type": "Payment.PaymentReceived",
      "ce-source": "/tills/7",
      "ce-id": "same",
      "ce-time": "2025-03-01T10:00:00Z",
    };
    const base64 = { data: undefined, data_base64: Buffer.from(JSON.stringify(data)).toString("base64") };
    const told = [
      await json(test.post(events, event("same"), structured)),
      await json(test.post(events, [event("same", { traceparent: "another" })], batch)),
      await json(test.post(events, data, binary)),
      await json(test.post(events, event("same", base64), structured)),
    ].map(({ results }) => [results[0]?.status, results[0]?.receipt]);
    const receipt = told[0]?.[1];
    expect(told).toEqual([
      ["accepted", receipt],
      ["duplicate", receipt],
      ["duplicate", receipt],
      ["duplicate", receipt],
    ]);
  });

  it("with the same id from two CloudEvents sources are two events; from the key's own source the id is plain", async () => {
    const sent = [event("one"), event("one", { source: "/tills/8" }), event("one", { source: "shop" })];
    const { results, accepted } = await json(test.post(events, sent, batch));
    expect(accepted).toBe(3);
    expect(results.map(({ id }) => id)).toEqual(["/tills/7 one", "/tills/8 one", "one"]);
    const shown = await json(test.ask(`${events}/one?ce_source=${encodeURIComponent("/tills/8")}`));
    expect(shown).toMatchObject({ status: "logged", id: "/tills/8 one" });
    const long = `https://example.com/${"x".repeat(300)}`;
    const { results: known } = await json(test.post(events, event("one", { source: long }), structured));
    expect(known[0]).toMatchObject({ status: "accepted", id: expect.stringMatching(/^ce_[\w-]{43}$/) });
    expect(await json(test.ask(`${events}/one?ce_source=${encodeURIComponent(long)}`))).toMatchObject({ id: known[0]?.id });
  });

  it("may say the contract's version, and name what they amend within their own source", async () => {
    const { version: newest } = (await log("/tills/7 s1")) as { version: number };
    const versions = [
      event("v1", { dataversion: "1" }),
      event("v2", { dataschema: "https://example.com/Payment.PaymentReceived.v1.json" }),
      event("v3", { dataschema: "https://example.com/schemas?version=1" }),
      event("v4", { dataschema: "https://example.com/anything" }),
      event("v5", { amends: "v1", data: { ...data, PaymentAmount: "13.00" } }),
    ];
    expect(await json(test.post(events, versions, batch))).toMatchObject({ accepted: 5 });
    const logged = await Promise.all(["v1", "v2", "v3", "v4"].map((id) => log(`/tills/7 ${id}`)));
    expect(logged.map((one) => one?.version)).toEqual([1, 1, 1, newest]);
    const shown = await json<{ changed_by: unknown[] }>(test.ask(`${events}/${encodeURIComponent("/tills/7 v1")}`));
    expect(shown.changed_by).toEqual([{ event_id: "/tills/7 v5", how: "amends" }]);
  });

  it.each([
    ["another specversion", { specversion: "0.3" }, "specversion"],
    ["no source", { source: undefined }, "no-source"],
    ["no id", { id: "" }, "no-id"],
    ["data twice", { data_base64: "e30=" }, "data-twice"],
    ["data that is not JSON", { data: undefined, data_base64: "aGVsbG8=" }, "data-not-json"],
    ["data of another type", { datacontenttype: "text/xml" }, "data-not-json"],
    ["a version that is none", { dataversion: "newest" }, "bad-version"],
  ])("with %s are quarantined, and say why", async (name, more, code) => {
    const { results } = await json(test.post(events, event(`bad ${name}`, more), structured));
    expect(results[0]).toMatchObject({ status: "quarantined", reason: code, receipt: results[0]?.quarantine });
  });

  it("of which a batch is not an array, or one event is two, are refused whole", async () => {
    expect((await test.post(events, event("r1"), batch)).status).toBe(400);
    expect((await test.post(events, [event("r1")], structured)).status).toBe(400);
    expect((await test.post(events, `${JSON.stringify(event("r1"))}${JSON.stringify(event("r2"))}`, structured)).status).toBe(
      400,
    );
    const binary = { "ce-specversion": "1.0", "ce-type": "x", "ce-source": "/", "ce-id": "1", "content-type": "text/plain" };
    const { results } = await json(test.post(events, "hello", binary));
    expect(results[0]).toMatchObject({ status: "quarantined", reason: "data-not-json" });
    const split = { ...binary, "content-type": "application/json" };
    const smuggled = await json(test.post(events, '{}},{"specversion":"1.0"', split));
    expect(smuggled.results.map(({ status }) => status)).toEqual(["quarantined"]);
  });
});
