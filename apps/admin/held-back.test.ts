import { setModes } from "@jukebase/events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, newClient } from "./client.testing.ts";
import { loadEvents, openWorld, type World } from "./world.testing.ts";

let world: World;
let client: Client;

beforeAll(async () => {
  world = await openWorld();
  client = newClient(world.admin.url);
  await client.signIn();
});
afterAll(async () => {
  expect(world?.failures ?? []).toEqual([]);
  await world?.close();
});

const quarantined = async (event_id: string): Promise<string> => {
  const { rows } = await world.jukebase.database.pg.query<{ id: string }>(
    "select quarantine_id as id from events.quarantine where event_id = $1",
    [event_id],
  );
  return rows[0]?.id as string;
};

describe("the quarantine", () => {
  it("shows a mended text beside what was received, with what it would break, before anything is saved", async () => {
    const id = await quarantined("q1");
    const received = await client.text(`/quarantine/${id}`);
    expect(received).toMatch(
      /class="marked"><code>\s*&quot;PaymentAmount&quot;: &quot;-5\.00&quot;,<\/code><span class="mark">\$\.PaymentAmount: /,
    );
    const _csrf = await client.token(`/quarantine/${id}`);
    const show = async (text: string) => (await client.post(`/quarantine/${id}/fix`, { _csrf, do: "show", text })).text();
    const text = (amount: string) =>
      `{"type":"Payment.PaymentReceived","id":"q1","data":{"PaymentAmount":${amount},"Currency":"USD","DeviceId":"D2","OccurredAt":"2026-02-23T10:00:00Z"}}`;
    const broken = await show(text('"many"'));
    expect(broken).toMatch(/<del>\s*&quot;PaymentAmount&quot;: &quot;-5\.00&quot;,<\/del>/);
    expect(broken).toMatch(
      /<ins>\s*&quot;PaymentAmount&quot;: &quot;many&quot;,<\/ins><\/code><span class="mark">\$\.PaymentAmount/,
    );
    expect(broken).toContain("What it still breaks");
    const sound = await show(text("5.10"));
    expect(sound).toContain("This text keeps its contract");
    expect(sound).toMatch(/<ins>\s*&quot;PaymentAmount&quot;: 5\.10,<\/ins>/);
    expect(await show("{")).toContain("The mended text is not JSON");
    expect(await client.text(`/quarantine/${id}`)).not.toContain("A mended text is kept");
  });

  it("mends a group by an expression: tried with samples first, then done, and written down", async () => {
    const group = { type: "Payment.PaymentReceived", reason: "negative" };
    const _csrf = await client.token("/quarantine");
    expect(await client.text("/quarantine")).toContain("/quarantine/group?type=Payment.PaymentReceived&amp;reason=negative");
    expect(await client.text("/quarantine/group?type=Payment.PaymentReceived&reason=negative")).toContain("Mend them all");
    const wrong = await (await client.post("/quarantine/mend", { _csrf, ...group, expression: "set data" })).text();
    expect(wrong).toContain("The expression cannot be read at character 5");
    const expression = 'replace $.data.PaymentAmount "-" with ""';
    const tried = await (await client.post("/quarantine/mend", { _csrf, ...group, expression })).text();
    expect(tried).toContain("1 of 1 would keep their contract, 0 would not.");
    expect(tried).toMatch(/<ins>\s*&quot;PaymentAmount&quot;: &quot;5\.00&quot;,<\/ins>/);
    const done = await client.post("/quarantine/mend", {
      _csrf,
      ...group,
      expression,
      do: "mend",
      "mend-why": "the till's sign",
    });
    expect(await client.text(done.headers.get("location") ?? "")).toContain(
      "Mended 1 of 1: 1 keep their contract now, 0 do not yet.",
    );
    const counted = await (await client.post("/quarantine/replay", { _csrf, ...group, do: "try" })).text();
    expect(counted).toContain("Of 1, 1 would be logged, 0 are duplicates, 0 would stay.");
    const audit = await client.text("/audit?action=quarantine.mend-group");
    expect(audit).toContain("console:ada@example.com");
    expect(audit).toContain("replace $.data.PaymentAmount … with …");
    expect(audit).not.toContain("5.00");
  });
});

describe("discarded by a mode", () => {
  const by = { actor: "test:ann" };
  const type = "Payment.PaymentReceived";
  const paid = (id: string, extra: object) => ({
    type,
    id,
    data: { PaymentAmount: "7.00", Currency: "USD", DeviceId: "D0", OccurredAt: "2026-03-01T10:00:00Z", ...extra },
  });

  it("values are told by their event and by the quarantine, each leading to the other", async () => {
    await setModes(world.jukebase, type, { columns: "discard_value" }, by);
    await loadEvents(world.jukebase, [paid("v1", { Remark: "in coins" })]);
    await setModes(world.jukebase, type, { columns: null }, by);
    const id = await quarantined("v1");
    const event = await client.text("/events/v1");
    expect(event).toMatch(/Values were discarded before it was logged.*<code>\$\.Remark<\/code>/s);
    expect(event).toContain(`<a href="/quarantine/${id}">See them in quarantine</a>`);
    expect(event).not.toContain("in coins");
    const item = await client.text(`/quarantine/${id}`);
    expect(item).toMatch(/Discarded values.*<a href="\/events\/[0-9a-f-]{36}">Open the event v1<\/a>.*<code>\$\.Remark<\/code>/s);
    expect(item).toMatch(/Values as sent.*in coins/s);
    expect(item).not.toMatch(/Replayed|Mend it|Set it aside/);
    expect(await client.text("/quarantine")).not.toContain(id);
    const list = await client.text("/quarantine?status=discarded-value");
    expect(list).toContain(`<a href="/quarantine/${id}">discarded-value</a>`);
    expect(list).toContain('<option value="discarded-value" selected>');
    expect(list).toContain('<option value="discarded-value">');
  });

  it("an event says by which mode, and which rule it broke", async () => {
    await setModes(world.jukebase, type, { columns: "discard_row" }, by);
    await loadEvents(world.jukebase, [paid("v2", { Remark: "in coins" })]);
    await setModes(world.jukebase, type, { columns: null }, by);
    const id = await quarantined("v2");
    const item = await client.text(`/quarantine/${id}`);
    expect(item).toMatch(
      /Discarded by the mode discard_row for columns of Payment\.PaymentReceived\..*<code>\$\.Remark<\/code>/s,
    );
    expect(await client.text("/quarantine?status=discarded&reason=unknown-field")).toContain(`/quarantine/${id}`);
  });

  it("a status that does not exist is refused, with those that do", async () => {
    const answer = await client.get("/quarantine?status=gone");
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringContaining("open, replayed, discarded, discarded-value or expired"),
    ]);
  });
});

describe("waiting", () => {
  it("shows the parent that is missing, and the events that wait for it as orphans once the limit is over", async () => {
    expect(await client.text("/waiting")).toMatch(/customer<\/td>.*C9<\/td>.*30<\/td>/s);
    expect(await client.text("/")).not.toContain("waited too long");
    const _csrf = await client.token("/waiting");
    await client.post("/waiting/limit", { _csrf, "limit-kind": "customer", "limit-days": "1" });
    const limited = await world.jukebase.database.pg.query("select days from events.waiting_limit where kind = 'customer'");
    expect(limited.rows).toEqual([{ days: 1 }]);
    expect((await client.post("/waiting/limit", { _csrf, "limit-kind": "customer", "limit-days": "0" })).status).toBe(400);
    world.clock.iso = "2026-03-20T12:00:00Z";
    await client.signIn();
    expect(await client.text("/waiting?orphans=true")).toMatch(/C9<\/td>.*1 orphans/s);
    expect(await client.text("/")).toContain("1 event has waited too long for its parent");
  });

  it("shows an event no longer once its parent has come", async () => {
    const line = {
      type: "Sale.CustomerRegistered",
      id: "c9",
      data: { CustomerId: "C9", CustomerName: "Nine", OccurredAt: "2026-01-02T10:00:00Z" },
    };
    await loadEvents(world.jukebase, [line]);
    expect(await client.text("/waiting")).toContain("No event waits for a parent.");
    expect(await client.text("/audit?verify=1")).toMatch(/Each of the \d+ entries stands as it was written/);
  });
});
