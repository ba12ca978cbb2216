import { listModes, setModes } from "@jukebase/events";
import { pgExecutor } from "@jukebase/platform";
import { auditTrail } from "@jukebase/platform/audit.ts";
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

it("a contract's page names its versions in full and who reads it", async () => {
  const page = await client.text("/contracts/Payment.PaymentReceived");
  expect(page).toContain("1-0-0, 2-0-0");
  expect(page).toContain('<a href="/reports/cash-received">');
  expect(page).toContain('<a href="/marts/fct_payments">');
});

it("a contract's page says what becomes of the unforeseen, as it is set", async () => {
  expect(await client.text("/contracts/Sale.DeviceAllocated")).toContain("A field that it does not name is kept, sealed");
  await setModes(world.jukebase, "Sale.DeviceAllocated", { columns: "freeze" }, { actor: "test:ann" });
  expect(await client.text("/contracts/Sale.DeviceAllocated")).toContain("An event with a field that it does not name goes to");
});

describe("the modes", () => {
  const db = () => pgExecutor(world.jukebase.database.pg);
  const type = "Payment.PaymentReceived";
  const send = async (form: Record<string, string>, page = `/contracts/${type}`) => {
    const response = await client.post("/contracts/modes", { _csrf: await client.token(page), ...form });
    return { status: response.status, to: response.headers.get("location") ?? "", text: await response.text() };
  };
  const modes = async (of: string) =>
    (await listModes(db())).filter((mode) => mode.type === of).map(({ entity, mode }) => `${entity} ${mode}`);

  it("of a type are set by a form, audited as from the command line, and taken back", async () => {
    const set = await send({
      type,
      "mode-columns": "freeze",
      "mode-data_type": "discard_value",
      why: "the till is being repaired",
    });
    expect([set.status, set.to]).toEqual([303, `/contracts/${type}`]);
    const page = await client.text(set.to);
    expect(page).toContain("Set: columns freeze, data_type discard_value. Every process follows within two seconds.");
    expect(page).toMatch(/An optional value that breaks its rule is taken out.*console:ada@example\.com, 2026-03-15/s);
    expect(page).toContain('<option value="discard_value" selected>');
    expect(await modes(type)).toEqual(["columns freeze", "data_type discard_value"]);
    expect(await auditTrail(db(), { action: "contract.mode" }, 1)).toMatchObject([
      {
        actor: "console:ada@example.com",
        object: type,
        why: "the till is being repaired",
        before: {},
        after: { columns: "freeze", data_type: "discard_value" },
      },
    ]);
    const same = await send({ type, "mode-columns": "freeze", "mode-data_type": "discard_value" });
    expect(await client.text(same.to)).toContain("Nothing was changed");
    await send({ type, "mode-columns": "", "mode-data_type": "" });
    expect(await modes(type)).toEqual([]);
    expect(await auditTrail(db(), { action: "contract.mode" }, 5)).toHaveLength(3);
  });

  it("of all types hold for a type that says nothing itself, which says so", async () => {
    const set = await send({ type: "*", "mode-tables": "", "mode-columns": "discard_row", "mode-data_type": "" }, "/contracts");
    expect(set.to).toBe("/contracts");
    expect(await modes("*")).toEqual(["columns discard_row"]);
    const page = await client.text(`/contracts/${type}`);
    expect(page).toMatch(/is discarded, and stays in quarantine marked so\..*, for all types/s);
    expect(page).toContain('<option value="" selected>as all types: discard_row (its event is discarded)</option>');
    await send({ type: "*", "mode-columns": "" }, "/contracts");
    expect(await modes("*")).toEqual([]);
  });

  it("are not set by a form of another session, nor to what is no mode", async () => {
    const forged = await client.post("/contracts/modes", { _csrf: "guess", type, "mode-columns": "freeze" });
    expect(forged.status).toBe(403);
    const stranger = await newClient(world.admin.url).post("/contracts/modes", { type, "mode-columns": "freeze" });
    expect(stranger.headers.get("location")).toMatch(/^\/sign-in/);
    const wrong = await send({ type, "mode-columns": "sometimes" });
    expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining("is not a mode for columns; there are evolve")]);
    const unknown = await send({ type: "Sale.Nonsense", "mode-columns": "freeze" });
    expect([unknown.status, unknown.text]).toEqual([404, expect.stringContaining("only its mode for tables can be set")]);
    expect(await modes(type)).toEqual([]);
  });
});

describe("a type without a contract", () => {
  it("has a page that says what is held of it and how to add a contract; what becomes of it is set there", async () => {
    const { rows } = await world.jukebase.database.pg.query(
      "select quarantine_id as id from events.quarantine where event_id = 'q3'",
    );
    expect(await client.text(`/quarantine/${rows[0]?.id}`)).toContain('href="/contracts/Sale.Nonsense"');
    const page = await client.text("/contracts/Sale.Nonsense");
    expect(page).toContain("No contract describes this type");
    expect(page).toContain('<a href="/quarantine?type=Sale.Nonsense&amp;status=open">1</a>');
    expect(page).toMatch(/CONTRIBUTING\.md.*Adding a domain/s);
    expect(page).toContain("wait in quarantine for somebody to replay them");
    const form = { type: "Sale.Nonsense", "mode-tables": "discard_row", _csrf: await client.token("/contracts/Sale.Nonsense") };
    expect((await client.post("/contracts/modes", form)).headers.get("location")).toBe("/contracts/Sale.Nonsense");
    expect(await client.text("/contracts/Sale.Nonsense")).toContain("Its events are discarded, and stay in quarantine marked so");
    await client.post("/contracts/modes", { ...form, "mode-tables": "" });
  });

  it("can be given the name of a known one, as its page says", async () => {
    const group = { type: "Sale.Nonsense", reason: "unknown-type", expression: 'set $.type = "Sale.CustomerRegistered"' };
    const tried = await client.post("/quarantine/mend", { _csrf: await client.token("/contracts/Sale.Nonsense"), ...group });
    expect(await tried.text()).toMatch(/1 would be changed\..*1 × <span class="badge neutral">missing<\/span>/s);
  });

  it("that nobody sent is not found; one of odd letters is", async () => {
    expect((await client.get("/contracts/Sale.Nobody")).status).toBe(404);
    await loadEvents(world.jukebase, [{ type: "a/b <c>?d", id: "odd" }]);
    const { rows } = await world.jukebase.database.pg.query(
      "select quarantine_id as id from events.quarantine where event_id = 'odd'",
    );
    const [, href = ""] = /href="(\/contracts\/a[^"]*)"/.exec(await client.text(`/quarantine/${rows[0]?.id}`)) ?? [];
    const page = await client.get(href);
    expect([href, page.status]).toEqual(["/contracts/a%2Fb%20%3Cc%3E%3Fd", 200]);
    expect(await page.text()).toContain("a/b &lt;c&gt;?d");
  });
});
