import type { Mart } from "@jukebase/platform/mart.ts";
import { z } from "zod";
import { columnsOf } from "../define-mart.ts";
import { projectTests } from "./declared-tests.ts";
import type { Project, ProjectMart } from "./project.ts";
import { sha256 } from "./source-text.ts";

/** A small project without a database: payments of customers, what they add up to, and who reads that. */
export function sampleProject(change: Partial<Project> = {}): Project {
  const marts = [payments, customers, monthly, versions];
  return {
    name: "shop",
    version: "1.0.0",
    database: "shop db",
    schemas: { sales: "sales" },
    sourceFiles: { sales: "packages/sales/schema.sql" },
    overview: "# Shop",
    marts: marts.map(projectMart),
    seeds: [],
    tests: projectTests(marts, []),
    checks: [],
    recorded: [],
    exposures: [
      {
        name: "cash board",
        kind: "dashboard",
        title: "Cash",
        description: "Cash by month.",
        owner: { name: "Ann", email: "ann@example.com" },
        url: "https://bi.example/cash",
        marts: ["fct_monthly_cash"],
      },
    ],
    relations: [
      relation("sales", "payment", "BASE TABLE", ["payment_id", "customer_id", "amount"]),
      ...marts.map((mart) =>
        relation(
          "marts",
          mart.name,
          "VIEW",
          columnsOf(mart).map(({ name }) => name),
        ),
      ),
    ],
    progress: [{ projection: "sales", newest_read: "2026-01-01T00:00:00Z", oldest_unread: null }],
    ...change,
  };
}

const customers = mart("dim_customers", "view", ["customer_id", "email"], {
  reads: { "sales.payment": null },
  key: ["customer_id"],
  sensitive: { email: { as: "null" } },
});

const payments = mart("fct_payments", "rollup", ["payment_id", "customer_id", "amount"], {
  reads: { "sales.payment": "select payment_id from changed" },
  key: ["payment_id"],
  bucket: ["payment_id"],
  references: [{ columns: ["customer_id"], mart: "dim_customers", to: ["customer_id"] }],
  tests: [{ test: "accepted_values", column: "amount", values: ["1", "2"] }],
});

const monthly = mart("fct_monthly_cash", "materialized", ["month", "customer_id", "amount"], {
  reads: { "marts.fct_payments": null },
  key: ["month", "customer_id"],
  references: [{ columns: ["month", "customer_id"], mart: "fct_monthly_cash", to: ["month", "customer_id"] }],
});

const versions = mart("dim_customer_versions", "snapshot", ["customer_id", "valid_from"], {
  reads: { "marts.dim_customers": null },
  key: ["customer_id"],
  history: { strategy: "check", columns: ["email"] },
});

function mart(
  name: string,
  kind: Mart["kind"],
  columns: readonly string[],
  more: Pick<Mart, "reads" | "key"> & Partial<Mart>,
): Mart {
  return {
    name,
    kind,
    file: new URL(`file:///shop/packages/sales/marts/${name}.sql`),
    description: `About ${name}.`,
    grain: "One of them.",
    owner: "Sales Team",
    row: z.object(Object.fromEntries(columns.map((column) => [column, z.string().describe(`The ${column}.`)]))),
    freshness_s: 90,
    ...more,
  };
}

function projectMart(of: Mart): ProjectMart {
  const text = `-- The rule of ${of.name}.\nselect\n`;
  const source = { path: `packages/sales/marts/${of.name}.sql`, text, checksum: sha256(text), select: text.trimEnd() };
  return { mart: of, source, rule: `The rule of ${of.name}.`, standing: undefined, unitTests: [] };
}

function relation(schema: string, name: string, kind: "BASE TABLE" | "VIEW", columns: readonly string[]) {
  const described = columns.map((column, place) => ({ name: column, type: "text", index: place + 1, comment: null }));
  return { schema, name, kind, comment: null, owner: "jukebase", columns: described };
}
