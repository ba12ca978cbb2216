import { catchUp, purgeArchives, runArchive, setModes } from "@jukebase/events";
import { receivedIn } from "@jukebase/events/archive/archive.testing.ts";
import { pgExecutor } from "@jukebase/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, payment, type TestApi, testApi } from "./api.testing.ts";
import { createKey } from "./keys.ts";

let test: TestApi;

beforeAll(async () => {
  test = await testApi();
});

afterAll(() => test?.close());

const events = "/v1/events";
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe("GET /v1/events/{id}", () => {
  it("finds an event by receipt and by id, and a quarantined one by either of its", async () => {
    const { results } = await json(test.post(events, [payment("g1"), payment("g2", -5)]));
    for (const id of ["g1", results[0]?.receipt]) {
      expect(await json(test.ask(`/v1/events/${id}`))).toMatchObject({
        status: "logged",
        id: "g1",
        receipt: results[0]?.receipt,
        data: { PaymentAmount: "10" },
        archived: null,
        changed_by: [],
        discarded: [],
      });
    }
    for (const id of ["g2", results[1]?.quarantine]) {
      expect(await json(test.ask(`/v1/events/${id}`))).toMatchObject({
        status: "quarantined",
        id: "g2",
        state: "open",
        issues: [{ path: "$.PaymentAmount" }],
      });
    }
  });

  it("tells which values a mode took out of an event, and where they are kept", async () => {
    const type = "Payment.PaymentReceived";
    const by = { actor: "cli:test" };
    await setModes(test.jukebase, type, { columns: "discard_value" }, by);
    const sent = payment("g5");
    const { results } = await json(test.post(events, { ...sent, data: { ...(sent.data as object), Remark: "paid in coins" } }));
    await setModes(test.jukebase, type, { columns: null }, by);
    expect(results[0]).toMatchObject({ status: "accepted" });
    const answer = await json<Logged>(test.ask(`${events}/g5`));
    expect(answer).toMatchObject({ status: "logged", receipt: results[0]?.receipt });
    expect(answer.discarded).toEqual([
      {
        quarantine: expect.stringMatching(uuid),
        since: expect.stringMatching(/^20.*Z$/),
        issues: [{ path: "$.Remark", code: "unknown-field", rule: expect.any(String) }],
        readable: true,
      },
    ]);
    expect(JSON.stringify(answer)).not.toContain("coins");
    expect(await json(test.ask(`${events}/${answer.discarded[0]?.quarantine}`))).toEqual(answer);
  });

  it("says nothing of another source's events", async () => {
    const { secret } = await createKey(test.jukebase, { name: "stranger", source: "stranger" }, "cli:test");
    const { results } = await json(test.post(events, payment("g3")));
    for (const id of ["g3", results[0]?.receipt]) {
      const answer = await test.ask(`/v1/events/${id}`, { headers: { authorization: `Bearer ${secret}` } });
      expect(answer.status).toBe(404);
    }
  });
});

describe("an archived event", () => {
  it("is shown from its file, with where it stands; once that is purged, what is still known of it is said", async () => {
    const { jukebase } = test;
    await json(test.post(events, payment("g4")));
    const projections = jukebase.domains.flatMap((domain) => domain.projections);
    await receivedIn(pgExecutor(jukebase.database.pg), "2025-03");
    for (const projection of projections) await catchUp(projection, jukebase);
    await runArchive(jukebase, { before: "2025-04", actor: "cli:test" });
    expect(await json(test.ask(`${events}/g4`))).toMatchObject({
      status: "logged",
      data: { PaymentAmount: "10" },
      archived: { since: expect.stringMatching(/^20/), file: "log_2025_03.ndjson.zst" },
      projections: [{ state: "projected" }],
    });
    await purgeArchives({ ...jukebase, projections }, { before: "2025-04", why: "a test", actor: "cli:test" });
    const answer = await test.ask(`${events}/g4`);
    expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining("it was archived on")]);
  });
});

type Logged = { readonly discarded: readonly { readonly quarantine: string }[] };
