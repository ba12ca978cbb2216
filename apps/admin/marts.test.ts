import { posix } from "node:path";
import { martStatus, runMartTests } from "@jukebase/marts";
import { type Mart, pgExecutor } from "@jukebase/platform";
import { HtmlValidate } from "html-validate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cellsOf } from "./cells.testing.ts";
import { type Client, newClient } from "./client.testing.ts";
import { findMarts } from "./marts/catalogue-search.ts";
import { type MartRecord, martRecords } from "./marts/mart-records.ts";
import { sampleRows } from "./marts/sample-rows.ts";
import { siteFiles } from "./marts/site/site-pages.ts";
import { openWorld, type World } from "./world.testing.ts";

let world: World;
let client: Client;
let records: readonly MartRecord[];

beforeAll(async () => {
  world = await openWorld();
  client = newClient(world.admin.url);
  await client.signIn();
  records = await martRecords(pgExecutor(world.jukebase.database.pg), world.jukebase.domains);
});
afterAll(async () => {
  expect(world?.failures ?? []).toEqual([]);
  await world?.close();
});

const martNamed = (name: string): Mart => world.jukebase.marts.find((mart) => mart.name === name) as Mart;
const linesOf = (page: string): string[] =>
  page
    .replace(/<[^>]+>/g, "\n")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

describe("the catalogue", () => {
  it("lists every mart with its rows and state, and finds them by name, column and description", async () => {
    const page = await client.text("/marts");
    for (const { name } of world.jukebase.marts) expect(page).toContain(`href="/marts/${name}">${name}</a>`);
    expect(page).toMatch(/fct_sales<\/a>.*?rollup<\/td><td class="number">3<\/td>.*?badge good">current/s);
    const found = await client.text("/marts?q=birth_decade&owner=sales");
    expect(found).toContain("1 of ");
    expect(found).toMatch(/dim_customers<\/a>.*?Column <code>birth_decade<\/code>/s);
    expect(await client.text("/marts?kind=snapshot&owner=sales")).toContain("No mart is like that");
    expect((await client.get("/marts?q=a&q=b")).status).toBe(400);
  });

  it("finds by every word, each in the mart or in one of its columns, those with the name first", () => {
    const names = (q: string) => findMarts(records, { q }).map(({ mart }) => mart.name);
    expect(
      names("payments")
        .slice(0, 2)
        .every((name) => name.includes("payments")),
    ).toBe(true);
    expect(names("customer decade")).toEqual(["dim_customers"]);
    expect(names("SALES sold_on")).toEqual(["fct_sales"]);
    expect(names("zebra")).toEqual([]);
    expect(findMarts(records, {}).length).toBe(records.length);
  });
});

describe("the page of a mart", () => {
  it("tells grain, promise, columns with types, where they come from and go, who reads it, its SQL", async () => {
    const page = await client.text("/marts/fct_payments");
    const lines = linesOf(page);
    for (const text of ["One row per payment.", "60 s behind what has been received, at most", "timestamptz", "numeric"])
      expect(lines).toContain(text);
    const row = (column: string): string => new RegExp(`<tr id="column-${column}">.*?</tr>`, "s").exec(page)?.[0] ?? "";
    expect(row("payer_id")).toContain('href="/diagrams/sales#sales-customer"><code>sales.customer.customer_id</code>');
    expect(row("credit")).toContain("computed from");
    expect(row("unattributed")).toContain('href="/marts/fct_daily_cash_received#column-unattributed"');
    expect(row("payment_key")).toMatch(/badge info">key.*<p class="test">.*unique/s);
    expect(page).toMatch(/Who reads it.*fct_daily_cash_received<\/a> <span class="badge neutral">mart/s);
    expect(page).toContain("-- Every payment counts as cash the day it was received");
    expect(page).toContain('href="/lineage?focus=mart%3Afct_payments#focus"');
    expect((await client.get("/marts/fct_nothing")).status).toBe(404);
  });

  it("says that a refresh failed, and why", async () => {
    const { pg } = world.jukebase.database;
    await pg.query("update marts_store.mart set status = 'failed', error = 'division by <zero>' where name = 'fct_sales'");
    expect(await client.text("/marts/fct_sales")).toMatch(/role="alert".*division by &lt;zero&gt;/s);
    expect(await client.text("/marts?state=failed")).toContain("1 of ");
    await pg.query("update marts_store.mart set status = 'current', error = null where name = 'fct_sales'");
    expect((await martStatus(pgExecutor(pg))).every(({ status }) => status === "current")).toBe(true);
  });

  it("shows rows, never what tells of a natural person", async () => {
    const columns = ["customer_id", "customer_name", "namespace"].map((name) => ({ name, type: "text" }));
    const customers = martNamed("dim_customers");
    const rows = async (mart: Mart) => (await sampleRows(world.jukebase, mart, columns)).rows;
    const plain = { customer_id: "C1", customer_name: "=North & Sons", namespace: expect.any(String) };
    expect(await rows({ ...customers, sensitive: {} })).toEqual([plain]);
    const sensitive = {
      customer_name: { as: "sql", sql: "left(customer_name, 2) || '…'" },
      customer_id: { as: "text", text: "it's" },
      namespace: { as: "null" },
    } as const;
    expect(await rows({ ...customers, sensitive })).toEqual([{ customer_id: "it's", customer_name: "=N…", namespace: null }]);
    expect(await sampleRows(world.jukebase, { ...customers, name: "gone" }, columns)).toEqual({
      rows: [],
      problem: "It is not built.",
    });
    const page = await client.text("/marts/dim_agents");
    expect(page).toMatch(/<tr id="column-agent_name">.*?badge warn">personal, masked/s);
    expect(page).toContain("Masked: agent_name.");
    expect(page).not.toContain("Bo &lt;b&gt;");
  });

  it("tells its last refreshes and what outside tools read of it", async () => {
    const page = await client.text("/marts/fct_sales");
    expect(page).toMatch(/Last refreshes.*badge good">refreshed.*href="\/marts\/refreshes\?mart=fct_sales"/s);
    expect(page).toContain("No login of a BI tool has read it, as far as reads are counted.");
  });
});

describe("the lineage", () => {
  const boxes = (page: string): string[] => [...page.matchAll(/class="name"[^>]*>([^<]*)</g)].map(([, name = ""]) => name);

  it("starts at a node, goes as far and the way it is asked, and says the same as a list", async () => {
    const around = await client.text("/lineage?focus=fct_daily_cash_received&depth=1&direction=upstream");
    expect(boxes(around).toSorted()).toEqual(["fct_daily_cash_received", "fct_payments"]);
    expect(around).toMatch(/What fct_daily_cash_received stands on.*fct_payments<\/a> <span class="kind">mart/s);
    const up = await client.text("/lineage?focus=mart:fct_payments&direction=upstream&depth=99");
    expect(boxes(up)).toContain("Payment.PaymentReceived");
    expect(boxes(up)).not.toContain("cash-received");
    expect(boxes(await client.text("/lineage?focus=table:sales.payment&depth=1"))).toEqual([
      "sales",
      "sales.payment",
      "fct_payments",
    ]);
  });

  it("is the whole graph on demand, up to the overview", async () => {
    const whole = await client.text("/lineage?whole=1");
    for (const { name } of world.jukebase.marts) expect(boxes(whole)).toContain(name);
    expect(whole).toMatch(/Overview<\/a> <span class="kind">page of the console<\/span> stands on .*total-sales/);
  });

  it("follows one column, full lines for values and dashed ones for what chooses rows", async () => {
    const page = await client.text("/lineage?focus=fct_payments&columns=1&column=payer_id");
    expect(page).toMatch(/<h1>fct_payments\.payer_id<\/h1>/);
    expect(page.match(/class="wire lit"/g)?.length).toBe(1);
    expect(page).toMatch(/class="wire dashed faint"/);
    expect(page).toMatch(/row current.*?payer_id/s);
    expect(page).toContain('href="/lineage?focus=mart%3Afct_payments&amp;columns=1&amp;column=credit#focus"');
  });

  it.each([
    ["focus=nothing", 404],
    ["focus=fct_sales&depth=0", 400],
    ["focus=fct_sales&direction=left", 400],
    ["focus=table:sales.payment&columns=1", 400],
    ["focus=fct_sales&columns=1&column=nothing", 404],
  ])("refuses %s with %i", async (query, status) => {
    expect((await client.get(`/lineage?${query}`)).status).toBe(status);
  });
});

describe("diagrams", () => {
  it("are drawn from the foreign keys of each schema, and for the marts", async () => {
    expect(await client.text("/diagrams")).toMatch(
      /href="\/diagrams\/marts".*href="\/diagrams\/sales".*href="\/diagrams\/music"/s,
    );
    const page = await client.text("/diagrams/sales");
    expect(page).toContain(
      '<code>product_key</code> <span class="kind">refers to</span> <code>sales.product (product_key)</code>',
    );
    expect(page).toContain("sales.device.product_key: uuid, FK");
    expect(await client.text("/diagrams/marts")).toContain('href="/marts/fct_sales"');
    expect((await client.get("/diagrams/elsewhere")).status).toBe(404);
  });
});

describe("the site of files", () => {
  let files: ReadonlyMap<string, string>;

  beforeAll(async () => {
    const { jukebase } = world;
    const options = { jukebase, db: pgExecutor(jukebase.database.pg), zone: "UTC", version: "1.2.3", samples: true };
    const written = new Map<string, string>();
    for await (const { path, body } of siteFiles(options)) written.set(path, body);
    files = written;
  });

  it("has a page for each mart and its columns, and what the console has beside them", () => {
    const marts = world.jukebase.marts.flatMap(({ name }) => [`marts/${name}.html`, `columns/${name}.html`]);
    const others = ["index.html", "lineage.html", "diagrams/marts.html", "diagrams/sales.html", "diagrams/music.html"];
    expect([...files.keys()].filter((path) => path.endsWith(".html")).toSorted()).toEqual([...marts, ...others].toSorted());
    expect(files.get("marts/dim_customers.html")).toContain("=North &amp; Sons");
  });

  it("needs nothing from elsewhere, and every link leads to a file and a place in it", () => {
    const broken = [...files].flatMap(([path, body]) => {
      if (!path.endsWith(".html")) return [];
      expect(body).not.toMatch(/<script|<form/);
      return [...body.matchAll(/(?:href|src)="([^"]*)"/g)].flatMap(([, link = ""]) => {
        const [to = "", place] = link.split("#");
        const target = to === "" ? path : posix.join(posix.dirname(path), to);
        const found = files.get(target);
        const there = found !== undefined && (place === undefined || found.includes(`id="${place}"`));
        return there ? [] : [`${path} → ${link}`];
      });
    });
    expect(broken).toEqual([]);
  });

  it("is valid, accessible HTML", async () => {
    for (const path of ["marts/fct_plays.html", "columns/dim_agents.html", "diagrams/music.html"])
      expect([path, await faultsOf(files.get(path) ?? "")]).toEqual([path, []]);
  });
});

describe("the tests of marts", () => {
  const { test: name, page } = {
    test: "expression_fct_sales_outstanding_is_price_minus_paid",
    page: "/marts/tests/expression_fct_sales_outstanding_is_price_minus_paid",
  };
  const run = async () => {
    const { domains, marts, database } = world.jukebase;
    const checks = domains.flatMap((domain) => domain.checks);
    return runMartTests(database.pg, { marts, checks, askedBy: "manual", actor: "ada" });
  };
  const outstanding = async (sql: string) => {
    const { pg } = world.jukebase.database;
    const { rows } = await pg.query("select store from marts_store.mart where schema = 'marts' and name = 'fct_sales'");
    await pg.query(`update marts_store."${rows[0]?.store}" set outstanding = ${sql}`);
  };

  it("are listed by state, the gravest first, and say when none was run", async () => {
    expect(await client.text(page)).toContain("It has not been run yet");
    expect((await client.get("/marts/tests?state=lost")).status).toBe(400);
    await outstanding("price - paid + 1");
    await run();
    const list = await client.text("/marts/tests");
    expect(list).toMatch(
      new RegExp(`<tbody>\\s*<tr><td[^>]*><span class="badge error">fails</span></td><td[^>]*><a href="${page}">`),
    );
    expect(list).toContain('<span>Tests</span><span class="nav-count">2</span>');
    const failing = cellsOf(await client.text("/marts/tests?state=fail&of=fct_sales"));
    expect(failing.map(([state, test]) => [state, test])).toEqual([
      ["fails", name],
      ["fails", "what is sold is paid"],
    ]);
    expect(await client.text("/marts/tests?state=warn&of=checks")).toContain("No test is in this state.");
  });

  it("have a page each with SELECT, failing rows and runs, what tells of persons masked", async () => {
    const shown = await client.text(page);
    expect(shown).toMatch(/It fails since .*3 rows when last tested/s);
    expect(shown).toContain("where not (outstanding = price - paid)");
    expect(shown).toContain("All of them, as they were in the run of");
    expect(shown).toContain("MusicMaker3000");
    expect(shown).not.toContain("Bo &lt;b&gt;");
    await outstanding("price - paid");
    await run();
    const healed = await client.text(page);
    expect(healed).not.toContain("It fails since");
    const [, earlier = ""] = /href="(\/marts\/tests\/[^"]*\?run=[^"]*)"/.exec(healed) ?? [];
    expect(await client.text(earlier)).toContain("MusicMaker3000");
    expect((await client.get(`${page}?run=nothing`)).status).toBe(404);
    expect((await client.get("/marts/tests/nothing")).status).toBe(404);
  });

  it("are told on the doctor page", async () => {
    await world.jukebase.database.pg.query(
      "update marts_store.test set status = 'fail', failing_since = '2026-03-01T10:00:00Z' where name = $1",
      [name],
    );
    expect(await client.text("/doctor")).toMatch(/1 fail<\/span>.* when last run\. The first since 2026-03-01 10:00 /);
    await run();
    expect(await client.text("/doctor")).toContain("none fails");
  });
});

it("every page is valid, accessible HTML", async () => {
  const paths = [
    "/marts?q=plays",
    "/marts/dim_agents",
    "/lineage?focus=fct_plays",
    "/lineage?focus=fct_plays&columns=1",
    "/diagrams/music",
    "/marts/tests?state=pass",
    "/marts/tests/expression_fct_sales_outstanding_is_price_minus_paid",
    "/marts/tests/a%20payment%20pays%20at%20most%20itself",
  ];
  for (const path of paths) expect([path, await faultsOf(await client.text(path))]).toEqual([path, []]);
});

const validator = new HtmlValidate({
  root: true,
  extends: ["html-validate:recommended", "html-validate:a11y"],
  rules: { "long-title": "off", "no-trailing-whitespace": "off" },
});

async function faultsOf(page: string): Promise<string[]> {
  const { results } = await validator.validateString(page);
  return results.flatMap(({ messages }) => messages.map(({ line, ruleId, message }) => `${line} ${ruleId}: ${message}`));
}
