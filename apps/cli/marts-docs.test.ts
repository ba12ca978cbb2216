import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtDatabase } from "@jukebase/domains/built.testing.ts";
import type { TestDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerOf, called } from "./commands.testing.ts";

const nowhere = { DATABASE_URL: "postgres://127.0.0.1:1/none" };
let database: TestDatabase;
let folder: string;
let here: { readonly DATABASE_URL: string; readonly JUKEBASE_KEY: string };

beforeAll(async () => {
  database = await builtDatabase();
  folder = await mkdtemp(join(tmpdir(), "jukebase-docs-"));
  here = { DATABASE_URL: database.url, JUKEBASE_KEY: Buffer.alloc(32, 7).toString("base64") };
});
afterAll(async () => {
  await database?.drop();
  await rm(folder, { recursive: true });
});

describe("jukebase marts lineage", () => {
  test("tells what a mart stands on and what stands on it, without a database", async () => {
    const { code, stdout } = await called(["marts", "lineage", "fct_daily_cash_spent", "--upstream"], nowhere);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^fct_daily_cash_spent \(mart\)\n\nstands on\n└─ fct_device_purchases \(mart\)\n {3}├─ sales\.device \(table\)/,
    );
    expect(stdout).not.toContain("is read by");
    const near = answerOf(await called(["marts", "lineage", "cash-spent", "--depth", "1", "--json"], nowhere));
    expect(near).toMatchObject({
      focus: "report:cash-spent",
      edges: [
        { from: "mart:fct_daily_cash_spent", to: "report:cash-spent" },
        { from: "report:cash-spent", to: "page:/" },
      ],
    });
    const svg = await called(["marts", "lineage", "--format", "svg"], nowhere);
    expect(svg.stdout).toMatch(/^<\?xml .*<svg class="graph".*fct_sales.*<\/svg>\n$/s);
    const chart = await called(["marts", "lineage", "cash-spent", "--format", "mermaid", "--upstream", "--depth", "1"], nowhere);
    expect(chart.stdout).toBe('flowchart LR\n  n0["fct_daily_cash_spent"]\n  n1(["cash-spent"])\n  n0 --> n1\n');
  });

  test("follows a column", async () => {
    const { stdout } = await called(["marts", "lineage", "fct_daily_cash_received", "--column", "payments"], here);
    expect(stdout).toMatch(
      /^marts\.fct_daily_cash_received\.payments\n\nis made of\n├─ marts\.fct_payments\.currency \(decides which rows count\)/,
    );
    const told = answerOf(
      await called(["marts", "lineage", "fct_payments", "--column", "payer_id", "--upstream", "--json"], here),
    );
    expect(told).toMatchObject({ mart: "fct_payments", column: "payer_id", exact: true });
    expect((told as { steps: unknown[] }).steps).toContainEqual({
      from: { relation: "sales.customer", column: "customer_id" },
      to: { relation: "marts.fct_payments", column: "payer_id" },
      how: "same",
    });
  });

  test.each([
    [["nothing"], 4, 'called "nothing"'],
    [["fct_sales", "--upstream", "--downstream"], 2, "cannot be used with"],
    [["fct_sales", "--format", "pdf"], 2, "tree, json, svg, mermaid"],
  ])("refuses %j", async (args, code, said) => {
    expect(await called(["marts", "lineage", ...args], nowhere)).toMatchObject({ code, stderr: expect.stringContaining(said) });
  });
});

describe("jukebase marts docs", () => {
  test("writes the site, and over the one before", async () => {
    const out = join(folder, "site");
    const first = answerOf(await called(["marts", "docs", "--out", out, "--json"], here));
    expect(first).toMatchObject({ problems: [], out, files: expect.any(Number) });
    await writeFile(join(out, "marts", "fct_gone.html"), "of a mart that is gone");
    await called(["marts", "docs", "--out", out], here);
    expect(await readdir(join(out, "marts"))).not.toContain("fct_gone.html");
    expect(await readFile(join(out, "index.html"), "utf8")).toContain('href="marts/fct_sales.html"');
  });

  test("leaves a folder with other files alone", async () => {
    await writeFile(join(folder, "letter.txt"), "dear you");
    expect(await called(["marts", "docs", "--out", folder], here)).toMatchObject({
      code: 5,
      stderr: expect.stringContaining("other files"),
    });
    expect(await readFile(join(folder, "letter.txt"), "utf8")).toBe("dear you");
  });

  test("fails and writes nothing when a column is not described", async () => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query("comment on column marts.fct_sales.price is null").finally(() => client.end());
    const out = join(folder, "undescribed");
    const { code, stdout } = await called(["marts", "docs", "--out", out], here);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "marts.fct_sales: column price has no comment\n" });
    await expect(readdir(out)).rejects.toThrow("ENOENT");
  });
});
