import { readdir, readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { catchUp } from "@jukebase/domains/catch-up.ts";
import { handedOverQueue, inboxOf } from "@jukebase/events/handed-over.ts";
import { pgExecutor } from "@jukebase/platform";
import { unsealFile } from "@jukebase/platform/inbox.ts";
import { listJobs } from "@jukebase/platform/job-list.ts";
import { withBoss } from "@jukebase/platform/jobs.ts";
import { HtmlValidate } from "html-validate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cellsOf, plain } from "./cells.testing.ts";
import { type Client, newClient } from "./client.testing.ts";
import { eventsBefore, type Position } from "./events-queries.ts";
import { indentJson } from "./indent-json.ts";
import { openWorld, type World } from "./world.testing.ts";

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

describe("the overview", () => {
  it("shows the last complete month beside the one before, one currency never added to another", async () => {
    const page = await client.text("/");
    expect(page).toContain("February 2026");
    expect(page).toMatch(/Sales<\/a><\/p>\s*<p class="stat-value">1<\/p>/);
    expect(page).toMatch(/Revenue<\/a><\/p>\s*<p class="stat-value"><span class="stat-unit">USD<\/span> 1,000\.50<\/p>/);
    expect(page).toMatch(/Cash received<\/a>.*?1,000\.50<\/p>.*?and EUR 12\.00/s);
    expect(page).toMatch(/Outstanding<\/a>.*?USD<\/span> 1,000\.50/s);
    expect(page).toContain("as in January");
  });

  it("names what needs a hand, with the page that mends it, and holds the equation", async () => {
    const page = await client.text("/");
    expect(page).toContain('<span>3 events are in quarantine</span><a href="/quarantine">Mend and replay</a>');
    expect(page).toMatch(/shop<\/td>.*<span class="badge good">holds<\/span>/);
  });

  it("warns of quarantined events that nobody can read any more soon", async () => {
    const { pg } = world.jukebase.database;
    expect(await client.text("/")).not.toContain("can be read only until");
    await pg.query("update events.quarantine set bytes_day = '2025-12-20' where event_id = 'q3'");
    expect(await client.text("/")).toContain(
      '<span>1 quarantined event of Sale.Nonsense (unknown-type) can be read only until 2026-03-21</span><a href="/quarantine?type=Sale.Nonsense&amp;reason=unknown-type">Mend, replay or discard</a>',
    );
    await pg.query("update events.quarantine set bytes_day = '2026-03-15' where event_id = 'q3'");
  });
});

describe("a report", () => {
  const questions = [
    "",
    "?grain=month",
    "?grain=month&sort=-outstanding",
    "?grain=month&currency=USD&from=2026-02-01",
    "?product=RetroSpin+88&grain=day&sort=period",
  ];

  it.each(questions)("has the same rows in the same order on the page, in CSV and in JSON: %s", async (question) => {
    const page = await client.text(`/reports/total-sales${question}`);
    const json = (await (await client.get(`/reports/total-sales.json${question}`)).json()) as {
      columns: { name: string }[];
      rows: Record<string, unknown>[];
    };
    const csv = (await client.text(`/reports/total-sales.csv${question}`)).trimEnd().split("\r\n");
    const fromJson = json.rows.map((row) => json.columns.map(({ name }) => String(row[name] ?? "")));
    expect(json.rows.length).toBeGreaterThan(0);
    expect(csv.slice(1).map((line) => line.split(","))).toEqual(fromJson);
    expect(cellsOf(page)).toEqual(fromJson.map((row) => row.map(plain)));
  });

  it("links to files that ask the same question", async () => {
    const page = await client.text("/reports/total-sales?grain=month&sort=-sales");
    for (const format of ["csv", "json", "xlsx"])
      expect(page).toContain(`href="/reports/total-sales.${format}?grain=month&amp;sort=-sales"`);
    const workbook = await client.get("/reports/total-sales.xlsx?grain=month");
    expect(workbook.headers.get("content-disposition")).toBe("attachment; filename=total-sales.xlsx");
    expect(
      Buffer.from(await workbook.arrayBuffer())
        .subarray(0, 2)
        .toString(),
    ).toBe("PK");
  });

  it("of every domain answers", async () => {
    for (const report of world.jukebase.domains.flatMap(({ reports }) => reports)) {
      expect((await client.get(`/reports/${report.name}`)).status).toBe(200);
      expect((await client.get(`/reports/${report.name}.json`)).status).toBe(200);
    }
  });
});

describe("an event", () => {
  it("tells what became of it", async () => {
    const page = await client.text("/events/l2");
    expect(page).toContain("sales waits for customer C9");
    expect(await client.text("/events/p1")).toMatch(/badge good">read<\/span> sales has read it/);
    expect(await client.text("/events?fate=waiting")).toMatch(/l2<\/a>/);
  });

  it("is found by its id", async () => {
    expect((await client.get("/search?q=p1")).headers.get("location")).toMatch(/^\/events\/[0-9a-f-]{36}$/);
    expect(await client.text("/search?q=fct_sales")).toContain('href="/marts/fct_sales"');
  });

  it("never stands on two pages of the list, nor on none, also where a batch goes over a page's end", async () => {
    const db = pgExecutor(world.jukebase.database.pg);
    const any = { type: undefined, source: undefined, fate: undefined };
    const seen: string[] = [];
    for (let before: Position | undefined; ; ) {
      const page = await eventsBefore(db, any, before, 3);
      if (page.length === 0) break;
      seen.push(...page.map(({ event_key }) => event_key));
      before = page.at(-1);
    }
    const { rows } = await world.jukebase.database.pg.query("select event_key from events.log");
    expect(seen.toSorted()).toEqual(rows.map(({ event_key }) => event_key).toSorted());
  });
});

describe("the quarantine", () => {
  it("shows what was received, and which rule it broke, in words", async () => {
    const page = await client.text(`/quarantine/${await quarantined("q1")}`);
    expect(page).toContain("<code>$.PaymentAmount</code>");
    expect(page).toContain("&quot;-5.00&quot;");
  });

  it("keeps a mended text, names what is left, replays it, and says what became of it", async () => {
    const id = await quarantined("q2");
    const _csrf = await client.token(`/quarantine/${id}`);
    const mended = (amount: string) =>
      JSON.stringify({
        type: "Payment.PaymentReceived",
        id: "q2",
        data: { PaymentAmount: amount, Currency: "USD", DeviceId: "D2", OccurredAt: "2026-02-24T10:00:00Z" },
      });
    const broken = await client.post(`/quarantine/${id}/fix`, { _csrf, text: "{" });
    expect(broken.status).toBe(422);
    expect(await broken.text()).toContain("The mended text is not JSON");
    const negative = await client.post(`/quarantine/${id}/fix`, { _csrf, text: mended("-1") });
    expect(negative.status).toBe(422);
    expect(await negative.text()).toContain("What it still breaks");
    const fixed = await client.post(`/quarantine/${id}/fix`, { _csrf, text: mended("1000.50") });
    expect(fixed.headers.get("location")).toBe(`/quarantine/${id}`);
    expect(await client.text(`/quarantine/${id}`)).toContain("it keeps its contract now");
    await client.post(`/quarantine/${id}/replay`, { _csrf });
    expect(await client.text(`/quarantine/${id}`)).toMatch(/Replayed 1: 1 logged.*badge info">unread<\/span> sales/s);
    await catchUp(world.jukebase);
    expect(await client.text(`/quarantine/${id}`)).toMatch(/Open the event q2.*badge good">read<\/span> sales/s);
  });

  it("replays a group and says how many stay", async () => {
    const _csrf = await client.token("/quarantine");
    const done = await client.post("/quarantine/replay", { _csrf, type: "Sale.Nonsense", reason: "unknown-type" });
    expect(await client.text(done.headers.get("location") ?? "")).toContain("Replayed 1: 1 still break a rule and stay.");
  });

  it("discards with a reason, and not without", async () => {
    const id = await quarantined("q3");
    const _csrf = await client.token(`/quarantine/${id}`);
    expect((await client.post(`/quarantine/${id}/discard`, { _csrf, why: " " })).status).toBe(400);
    await client.post(`/quarantine/${id}/discard`, { _csrf, why: "a joke" });
    expect(await client.text(`/quarantine/${id}`)).toContain("a joke (ada@example.com)");
    expect((await client.post(`/quarantine/${id}/replay`, { _csrf })).status).toBe(409);
  });
});

describe("jobs and loads", () => {
  const handOver = async (token: string): Promise<Response> => {
    const form = new FormData();
    for (const [name, value] of [
      ["_csrf", token],
      ["source", "shop"],
      ["format", ""],
      ["type", ""],
    ] as const)
      form.append(name, value);
    form.append("file", new Blob(['{"type":"x"}\n']), "../../my events.ndjson");
    return client.post("/loads", form);
  };
  const inbox = () => readdir(inboxOf(world.jukebase.config)).catch(() => []);

  it("without a worker say so", async () => {
    expect(await client.text("/jobs")).toContain("No worker has run here yet");
  });

  it("hand a file over under a name of its own, sealed, if the form is ours", async () => {
    expect((await handOver("guess")).status).toBe(403);
    expect(await inbox()).toEqual([]);
    expect((await handOver(await client.token("/loads"))).status).toBe(303);
    const [file = ""] = await inbox();
    expect(file).toMatch(/^[0-9a-f-]{36}-my-events\.ndjson$/);
    const path = `${inboxOf(world.jukebase.config)}/${file}`;
    expect((await readFile(path, "latin1")).includes("type")).toBe(false);
    expect(await text(unsealFile(path, world.jukebase.keys.vault))).toBe('{"type":"x"}\n');
    expect(await client.text("/loads")).toMatch(/my-events\.ndjson<\/td>.*badge info">waiting/s);
    const [job] = await listJobs(world.jukebase, { queue: handedOverQueue });
    expect(job?.payload).toEqual({ file, source: "shop" });
  });

  it("show what failed for good, and try it again", async () => {
    await world.jukebase.database.pg.query("update pgboss.job set retry_limit = 0 where name = $1", [handedOverQueue]);
    await withBoss(world.jukebase.database, async (boss) => {
      const [job] = await boss.fetch(handedOverQueue);
      await boss.fail(handedOverQueue, job?.id ?? "", new Error("the disk is full"));
    });
    const page = await client.text("/jobs");
    const [, id = ""] = /name="id" value="([^"]+)"/.exec(page) ?? [];
    expect(page).toMatch(/events\.load<\/td>.*the disk is full/s);
    expect(await client.text("/")).toContain("1 job failed for good");
    const done = await client.post("/jobs/retry", { _csrf: await client.token("/jobs"), id });
    expect(done.status).toBe(303);
    expect((await listJobs(world.jukebase, { queue: handedOverQueue, state: "created" })).length).toBe(1);
  });
});

describe("every page", () => {
  const validator = new HtmlValidate({
    root: true,
    extends: ["html-validate:recommended", "html-validate:a11y"],
    rules: { "long-title": "off", "no-trailing-whitespace": "off" },
  });

  it("is valid, accessible HTML", async () => {
    const pages = [
      "/",
      "/sign-in",
      "/reports",
      "/reports/total-sales?grain=month",
      "/reports/cash-forecast",
      "/reports/agent-rewards",
      "/events",
      "/events/l2",
      "/quarantine",
      "/quarantine?status=replayed",
      "/quarantine/group?type=Payment.PaymentReceived&reason=negative",
      "/waiting",
      "/audit?verify=1",
    ];
    const more = [
      `/quarantine/${await quarantined("q1")}`,
      `/quarantine/${await quarantined("q2")}`,
      "/loads",
      "/contracts",
      "/contracts/Sale.DeviceAllocated",
      "/contracts/Sale.Nonsense",
      "/marts",
      "/marts/fct_sales",
      "/jobs",
      "/doctor",
      "/search?q=sale",
      "/nowhere",
    ];
    for (const path of [...pages, ...more]) {
      const { results } = await validator.validateString(await client.text(path));
      expect([
        path,
        results.flatMap(({ messages }) => messages.map(({ line, ruleId, message }) => `${line} ${ruleId}: ${message}`)),
      ]).toEqual([path, []]);
    }
  });
});

describe("JSON laid out for mending", () => {
  it("keeps every number and string letter by letter", () => {
    expect(indentJson('{"a":1.10,"b":[],"c":{"d":[1,"x, {y}: \\""]}}')).toBe(
      '{\n  "a": 1.10,\n  "b": [],\n  "c": {\n    "d": [\n      1,\n      "x, {y}: \\""\n    ]\n  }\n}',
    );
    expect(indentJson("not json at all")).toBe("not json at all");
  });
});
