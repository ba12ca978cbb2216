import { randomBytes } from "node:crypto";
import { examineReader } from "@jukebase/marts/bi/examine.ts";
import { makePassword } from "@jukebase/marts/bi/password.ts";
import { createReader, dropReader, type Reader } from "@jukebase/marts/bi/readers.ts";
import { addressFor, connectionUrl } from "@jukebase/marts/bi/tools.ts";
import { login } from "@jukebase/platform/login.ts";
import { HtmlValidate } from "html-validate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Client, newClient } from "./client.testing.ts";
import { openWorld, type World } from "./world.testing.ts";

const password = makePassword();
const by = { actor: "test", at: new Date("2026-03-15T12:00:00Z") };
const one: Reader = {
  name: `console_${randomBytes(4).toString("hex")}`,
  tool: "metabase",
  sensitive: false,
  groups: [],
  connections: 4,
  timeout_ms: 60_000,
};

let world: World;
let client: Client;

beforeAll(async () => {
  world = await openWorld();
  client = newClient(world.admin.url);
  await client.signIn();
});
afterAll(async () => {
  await dropReader(world.jukebase.database.pg, one.name, by);
  expect(world?.failures ?? []).toEqual([]);
  await world?.close();
});

test("without a login the page says how to make one", async () => {
  const page = await client.text("/bi");
  expect(page).toContain("jukebase bi role create metabase --tool metabase");
  expect((await client.get("/bi/nobody")).status).toBe(404);
});

test("a login is shown with how it connects and what its examination found, and never with its password", async () => {
  const { pg, url } = world.jukebase.database;
  await createReader(pg, one, password, by);
  expect(await client.text(`/bi/${one.name}`)).toContain("Nobody has tried yet");
  await examineReader(pg, one, { url, marts: world.jukebase.marts }, by);
  const page = await client.text(`/bi/${one.name}`);
  expect(page).toContain(`Connection string: ${connectionUrl(addressFor(url, one.name))}`.replaceAll("&", "&amp;"));
  expect(page).toMatch(/reads every mart<\/td>.*badge good">held/s);
  expect(await client.text("/bi")).toMatch(new RegExp(`${one.name}</a>.*0 of 4.*badge (good">held|warn">weak)`, "s"));
  expect(page).not.toContain(password);
});

test("reads are counted when somebody asks for it, if the form is ours", async ({ skip }) => {
  const { url } = world.jukebase.database;
  const reader = await login(connectionUrl(addressFor(url, one.name), password), "test");
  await reader.query("select count(*) from fct_sales");
  await reader.end();
  expect((await client.post("/bi/count", { _csrf: "guess" })).status).toBe(403);
  expect(await client.text("/bi")).toContain("No read of a mart by a BI tool was counted");
  await client.post("/bi/count", { _csrf: await client.token("/bi") });
  const page = await client.text("/bi");
  if (page.includes("cannot be counted")) skip("This server does not count statements.");
  expect(page).toMatch(new RegExp(`href="/marts/fct_sales">fct_sales</a>.*${one.name}`, "s"));
  expect(page).toContain("Counted 1 reads more.");
});

test("both pages are valid, accessible HTML", async () => {
  const validator = new HtmlValidate({
    root: true,
    extends: ["html-validate:recommended", "html-validate:a11y"],
    rules: { "long-title": "off", "no-trailing-whitespace": "off" },
  });
  for (const path of ["/bi", `/bi/${one.name}`]) {
    const { results } = await validator.validateString(await client.text(path));
    expect([path, results.flatMap(({ messages }) => messages.map(({ message }) => message))]).toEqual([path, []]);
  }
});
