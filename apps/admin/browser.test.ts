import { AxeBuilder } from "@axe-core/playwright";
import { browser, type TestBrowser } from "@jukebase/testing/browser.ts";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ada, openWorld, type World } from "./world.testing.ts";

type RunOptions = Parameters<AxeBuilder["options"]>[0];

const allRules: RunOptions = { runOnly: ["wcag2a", "wcag2aa"] };
const contrastOnly: RunOptions = { runOnly: { type: "rule", values: ["color-contrast"] } };

const started: TestBrowser = await browser();
if (started.problem !== undefined) process.stderr.write(`The console's browser tests are skipped. ${started.problem}\n`);

let world: World;

beforeAll(async () => {
  if (started.browser) world = await openWorld();
});
afterAll(async () => {
  await started.browser?.close();
  await world?.close();
});

describe.skipIf(started.problem !== undefined)("in a browser", () => {
  it.each([
    ["with scripts", true, "q1"],
    ["without scripts", false, "q2"],
  ])(
    "%s one signs in, reads a report, mends an event, replays it and sees what became of it",
    async (_, javaScriptEnabled, event) => {
      const { page, complaints } = await open({ javaScriptEnabled });
      await signIn(page);
      await page.getByRole("link", { name: "Total sales", exact: true }).first().click();
      await page.getByLabel("Grain").selectOption("month");
      await page.getByRole("button", { name: "Apply" }).click();
      expect(new URL(page.url()).searchParams.get("grain")).toBe("month");
      expect(await page.locator("figure.chart svg").first().isVisible()).toBe(true);
      expect(await page.locator("tbody tr").count()).toBeGreaterThan(1);
      await page.getByRole("link", { name: /^Quarantine/ }).click();
      const { rows } = await world.jukebase.database.pg.query(
        "select quarantine_id as id from events.quarantine where event_id = $1",
        [event],
      );
      await page.locator(`a[href="/quarantine/${rows[0]?.id}"]`).click();
      const text = page.getByLabel("The event as JSON");
      await text.fill((await text.inputValue()).replace(/"(-5\.00|lots)"/, '"20.00"'));
      await page.getByRole("button", { name: "Show the differences" }).click();
      await page.getByText("This text keeps its contract").waitFor();
      expect((await page.locator("table.diff ins").allTextContents()).map((line) => line.trim())).toEqual([
        '"PaymentAmount": "20.00",',
      ]);
      await page.getByRole("button", { name: "Check and save" }).click();
      await page.getByText("it keeps its contract now").waitFor();
      await page.getByRole("button", { name: "Replay the mended text" }).click();
      await page.getByText("Replayed 1: 1 logged.").waitFor();
      await page.getByText("What became of it").waitFor();
      await page.getByRole("link", { name: `Open the event ${event}` }).click();
      expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(event);
      await page.getByRole("button", { name: "Sign out" }).click();
      expect(new URL(page.url()).pathname).toBe("/sign-in");
      expect(complaints).toEqual([]);
      await page.context().close();
    },
  );

  it.each([
    ["with scripts", true, "Sale.CustomerRegistered"],
    ["without scripts", false, "Sale.LocationRegistered"],
  ])(
    "%s one sets the modes of a contract, finds them in the audit log, and takes them back",
    async (_, javaScriptEnabled, type) => {
      const { page, complaints } = await open({ javaScriptEnabled });
      await signIn(page);
      await page.getByRole("link", { name: "Contracts", exact: true }).first().click();
      await page.getByRole("link", { name: type, exact: true }).click();
      const field = page.getByLabel("A field that the contract does not name");
      await field.selectOption("discard_value");
      await page.getByLabel("Reason").fill("a new till");
      await page.getByRole("button", { name: "Set the modes" }).click();
      await page.getByText("Set: columns discard_value.").waitFor();
      expect(await field.inputValue()).toBe("discard_value");
      await page.getByText("A field that it does not name is taken out of the event").waitFor();
      await page.goto(`${world.admin.url}/audit?action=contract.mode`);
      await page.getByText("a new till").first().waitFor();
      await page.goto(`${world.admin.url}/contracts/${type}`);
      await field.selectOption("");
      await page.getByRole("button", { name: "Set the modes" }).click();
      await page.getByText("Set: columns as usual.").waitFor();
      expect(await field.inputValue()).toBe("");
      expect(complaints).toEqual([]);
      await page.context().close();
    },
  );

  // Only colours change at night, so only their contrast is looked at again.
  it.each([
    ["by day", "light", allRules],
    ["by night", "dark", contrastOnly],
  ] as const)(
    "every page is accessible %s",
    async (_, colorScheme, rules) => {
      const { page, complaints } = await open({ colorScheme, reducedMotion: "reduce" });
      await page.goto(`${world.admin.url}/sign-in`);
      const found = [await violations(page, rules)];
      await signIn(page);
      const { rows } = await world.jukebase.database.pg.query(
        "select quarantine_id as id from events.quarantine where event_id = 'q3'",
      );
      for (const path of [...paths, `/quarantine/${rows[0]?.id}`]) {
        await page.goto(`${world.admin.url}${path}`);
        found.push(await violations(page, rules));
      }
      expect(found.flat()).toEqual([]);
      expect(complaints).toEqual([]);
      await page.context().close();
    },
    90_000,
  );

  it("nothing sticks out of a telephone's screen", async () => {
    const { page } = await open({ viewport: { width: 390, height: 800 } });
    await signIn(page);
    for (const path of paths) {
      await page.goto(`${world.admin.url}${path}`);
      expect([path, await page.evaluate("document.documentElement.scrollWidth")]).toEqual([path, 390]);
    }
    await page.getByRole("button", { name: "Menu" }).click();
    await page.getByRole("link", { name: "Marts" }).click();
    expect(new URL(page.url()).pathname).toBe("/marts");
    await page.context().close();
  });
});

const paths = [
  "/",
  "/reports",
  "/reports/total-sales?grain=month",
  "/reports/cash-forecast",
  "/events",
  "/events/l2",
  "/quarantine",
  "/quarantine/group?type=Payment.PaymentReceived&reason=negative",
  "/waiting",
  "/audit",
  "/loads",
  "/contracts",
  "/contracts/Sale.CustomerRegistered",
  "/contracts/Sale.Nonsense",
  "/marts",
  "/marts/fct_sales",
  "/marts/tests?of=fct_sales",
  "/marts/tests/expression_fct_sales_outstanding_is_price_minus_paid",
  "/bi",
  "/marts/refreshes?mart=fct_payments",
  "/marts/fct_plays",
  "/lineage?focus=fct_payments&columns=1&column=credit",
  "/diagrams/music",
  "/jobs",
  "/doctor",
  "/search?q=sale",
] as const;

type Options = NonNullable<Parameters<NonNullable<TestBrowser["browser"]>["newContext"]>[0]>;

async function open(options: Options): Promise<{ page: Page; complaints: string[] }> {
  const context = await (started.browser as NonNullable<TestBrowser["browser"]>).newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  return { page, complaints };
}

async function signIn(page: Page): Promise<void> {
  await page.goto(`${world.admin.url}/sign-in`);
  await page.getByLabel("E-mail address").fill(ada.email);
  await page.getByLabel("Password").fill(ada.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
}

async function violations(page: Page, rules: RunOptions): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).options(rules).analyze();
  return found.map(
    ({ id, nodes }) => `${new URL(page.url()).pathname} ${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`,
  );
}
