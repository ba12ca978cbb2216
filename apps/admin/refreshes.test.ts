import { refreshMarts } from "@jukebase/marts";
import { pendingRequests } from "@jukebase/marts/service/requests.ts";
import { pgExecutor } from "@jukebase/platform";
import { auditTrail } from "@jukebase/platform/audit.ts";
import { HtmlValidate } from "html-validate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, newClient } from "./client.testing.ts";
import { ada, openWorld, type World } from "./world.testing.ts";

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

const query = (sql: string, values: readonly unknown[] = []) => world.jukebase.database.pg.query(sql, [...values]);
const outcomes = (page: string) =>
  [...page.matchAll(/<span class="badge \w+">(refreshed|unchanged|failed|waits|interrupted)</g)].map(([, outcome]) => outcome);

describe("the page of refreshes", () => {
  it("tells what was refreshed and why, narrowed by its address, with the durations drawn", async () => {
    const page = await client.text("/marts/refreshes");
    expect(page).toContain("Nothing waits: every mart holds all events that it could.");
    expect(page).toMatch(/fct_payments<\/a><\/td>.*?<td>event<\/td>.*?3 buckets?/s);
    expect(page).toContain("Median and longest refresh of the last day, by mart");
    const one = await client.text("/marts/refreshes?mart=fct_payments&reason=build");
    expect(outcomes(one)).toEqual(["refreshed"]);
    expect(one).toContain("The last 2 refreshes of fct_payments");
    expect(outcomes(await client.text("/marts/refreshes?outcome=failed"))).toEqual([]);
    expect((await client.get("/marts/refreshes?outcome=nonsense")).status).toBe(400);
    expect((await client.get("/marts/refreshes?before=nonsense")).status).toBe(400);
  });

  it("goes on from page to page without losing one", async () => {
    await query(`insert into marts_store.refresh (run_id, mart, reason, outcome, started_at, finished_at)
      select uuidv7(), 'fct_sales', 'event', 'unchanged', now(), now() - n * interval '1 second' from generate_series(1, 60) as n`);
    const first = await client.text("/marts/refreshes?outcome=unchanged");
    const [, next = ""] = /rel="next" href="([^"]+)"/.exec(first) ?? [];
    const second = await client.text(next.replaceAll("&amp;", "&"));
    expect([outcomes(first).length, outcomes(second).length]).toEqual([50, 10]);
    await query("delete from marts_store.refresh where outcome = 'unchanged'");
  });

  it("shows what waits and for what: a schedule, the load, a mart that failed", async () => {
    const queued = async () => /<caption[^>]*>What waits.*?<\/table>/s.exec(await client.text("/marts/refreshes"))?.[0] ?? "";
    await query("insert into marts_store.mark (store) select store from marts_store.mart where name = 'fct_daily_cash_received'");
    expect(await queued()).toMatch(/badge info">next<.*fct_daily_cash_received/s);
    await query(`update marts_store.mart set refresh = '{"every_s": 3600}' where name = 'fct_daily_cash_received'`);
    expect(await queued()).toMatch(/badge neutral">not due<.*fct_daily_cash_received at most every 3600 s/s);
    await query("update marts_store.mart set refresh = null");
    await query("insert into events.checkpoint (projection, seq) values ('elsewhere', 0)");
    await query("update events.batch set received = received + 60000, logged = logged + 60000 where seq = 1");
    expect(await queued()).toMatch(/badge warn">behind</);
    expect(await client.text("/marts/refreshes")).toContain("Refreshes wait for the projections");
    await query("update events.batch set received = received - 60000, logged = logged - 60000 where seq = 1");
    await query("delete from events.checkpoint where projection = 'elsewhere'");
    await query(
      "update marts_store.mart set stale = true, status = 'failed', error = 'no', tries = 3, retry_at = now() + interval '8 s' where name = 'fct_payments'",
    );
    expect(await queued()).toMatch(/badge error">failing<.*fct_payments failed/s);
    await refreshMarts(world.jukebase.database.pg);
    expect(await queued()).not.toContain("badge");
  });

  it("lets somebody ask for a refresh, and writes down who; not without the form's token", async () => {
    expect((await client.post("/marts/refreshes", { mart: "fct_sales" })).status).toBe(403);
    const answer = await client.post("/marts/refreshes", { mart: "fct_sales", _csrf: await client.token("/marts/refreshes") });
    expect(answer.headers.get("location")).toBe("/marts/refreshes?mart=fct_sales");
    expect(await client.text("/marts/refreshes")).toMatch(/asked for<.*fct_sales.*console:ada@example\.com asked for it/s);
    const db = pgExecutor(world.jukebase.database.pg);
    expect(await pendingRequests(db)).toMatchObject([{ marts: ["fct_sales"], actor: `console:${ada.email}` }]);
    expect(await auditTrail(db, { action: "marts.refresh" })).toMatchObject([
      { object: "fct_sales", actor: `console:${ada.email}` },
    ]);
  });

  it("is valid, accessible HTML", async () => {
    const rules = { "long-title": "off", "no-trailing-whitespace": "off" } as const;
    const validator = new HtmlValidate({ root: true, extends: ["html-validate:recommended", "html-validate:a11y"], rules });
    const { results } = await validator.validateString(await client.text("/marts/refreshes"));
    expect(results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => `${ruleId}: ${message}`))).toEqual([]);
  });
});
