import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { Mart } from "@jukebase/platform/mart.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildMarts } from "../build.ts";
import { dropEnvironment } from "../environments.ts";
import { refreshMarts } from "../refresh.ts";
import { createShop, dropShop, salesDaily, schemas, shopMarts } from "../sample-marts.ts";
import { complaintsOfOpenLineage, hasSchemas, onlyWithSchemas } from "../schemas.testing.ts";
import { datasetsOf } from "./datasets.ts";
import type { Emitter } from "./emitter.ts";
import type { RunEvent } from "./run-event.ts";
import { facetsOf, sampleEmitter } from "./sample-emitter.testing.ts";
import { httpTransport } from "./transport.ts";

let database: TestDatabase;
let pool: pg.Pool;
let server: Server;
let received: { readonly path: string | undefined; readonly key: string | undefined; readonly event: RunEvent }[];

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4, options: "-c timezone=UTC" });
  server = createServer((request, response) => {
    void json(request).then((event) => {
      received.push({ path: request.url, key: request.headers.authorization, event: event as RunEvent });
      response.writeHead(201).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await pool.end();
  await database.drop();
});

beforeEach(async () => {
  received = [];
  await dropShop(pool);
  await createShop(pool);
  await pool.query("insert into shop.product values (1, 'box')");
  await pool.query("insert into shop.sale values (1, 1, '2026-01-01 10:00Z', 5), (2, 2, '2026-02-01 10:00Z', 7)");
});

/** Does work while events go to the server of this file; they are all there when it returns. */
async function emitting(work: (emit: Emitter) => Promise<unknown>): Promise<Emitter> {
  const { port } = server.address() as AddressInfo;
  const endpoint = { url: `http://127.0.0.1:${port}`, apiKey: "s3cret" };
  const emit = await sampleEmitter(
    pool,
    database.url,
    httpTransport(endpoint, fetch, () => Promise.resolve()),
  );
  await work(emit);
  await emit.close();
  return emit;
}

const build = async (emit: Emitter, marts?: readonly Mart[]) => {
  const chosen = marts ?? (await shopMarts());
  return emit.during("marts.build", (listener) => buildMarts(pool, chosen, { schemas, listener }));
};
const refresh = (emit: Emitter) => emit.during("marts.refresh", (listener) => refreshMarts(pool, { listener }));
const sell = (amount: string) =>
  pool.query(`insert into shop.sale values (${amount.length + 9}, 1, '2026-01-01 11:00Z', ${amount})`);

const events = () => received.map(({ event }) => event);
const told = () => events().map(({ eventType, job }) => `${eventType} ${job.name}`);
const endOf = (job: string) => events().findLast((event) => event.job.name === job && event.eventType !== "START") as RunEvent;

const names = ["fct_sales_daily", "fct_sales_monthly", "best_months", "best_month", "months_by_rank"];

describe("events of a build and a refresh", () => {
  test("say of each mart that it begins and how it ended, within one run of all, and nothing where nothing was done", async () => {
    const emit = await emitting(async (emit) => {
      await build(emit);
      await build(emit);
      await sell("1");
      await refresh(emit);
      await refresh(emit);
    });
    expect(told().slice(0, 12)).toEqual([
      "START marts.build",
      ...names.map((name) => `START marts.${name}`),
      ...names.map((name) => `COMPLETE marts.${name}`),
      "COMPLETE marts.build",
    ]);
    const computed = names.filter((name) => name !== "best_month");
    expect(told().slice(12)).toEqual([
      "START marts.refresh",
      ...computed.flatMap((name) => [`START marts.${name}`, `COMPLETE marts.${name}`]),
      "COMPLETE marts.refresh",
    ]);
    expect(emit.counts()).toEqual({ sent: received.length, failed: 0, dropped: 0 });
  });

  test("come in pairs: each run has one START and, later, one end of the same job", async () => {
    await emitting(build);
    const runs = Map.groupBy(events(), ({ run: { runId } }) => runId);
    expect(runs.size).toBe(6);
    for (const run of runs.values()) {
      expect(run.map(({ eventType }) => eventType)).toEqual(["START", "COMPLETE"]);
      expect((run[0]?.eventTime ?? "") < (run[1]?.eventTime ?? "")).toBe(true);
      expect(run[0]?.job.name).toBe(run[1]?.job.name);
    }
  });

  test("tell what is read and written, its types, of what each column is made, how many rows, and of which run it is part", async () => {
    await emitting(build);
    const { namespace, dataset } = datasetsOf(database.url);
    const { inputs, outputs, run, job } = endOf("marts.fct_sales_daily");
    expect(inputs).toEqual([dataset("shop.product"), dataset("shop.sale")]);
    expect(outputs.map(({ name }) => name)).toEqual([dataset("marts.fct_sales_daily").name]);
    const { schema, columnLineage } = outputs[0]?.facets ?? {};
    const fields = schema?.fields as { name: string; type: string }[] | undefined;
    expect(fields?.map(({ name, type }) => `${name} ${type}`)).toEqual([
      "day date",
      "kind text",
      "kind_key text",
      "sales integer",
      "amount numeric",
    ]);
    const made = (relation: string, field: string, type: string, subtype: string, masking: boolean) => {
      return { namespace, name: dataset(relation).name, field, transformations: [{ type, subtype, masking }] };
    };
    expect(columnLineage?.fields).toEqual({
      kind: {
        inputFields: [
          made("shop.product", "kind", "DIRECT", "IDENTITY", true),
          made("shop.sale", "product_id", "INDIRECT", "CONDITIONAL", true),
        ],
      },
      amount: { inputFields: [made("shop.sale", "amount", "DIRECT", "TRANSFORMATION", false)] },
    });
    expect(outputs[0]?.outputFacets?.outputStatistics?.rowCount).toBe(2);
    expect(endOf("marts.best_month").outputs[0]?.outputFacets).toBeUndefined();
    expect(String(job.facets.sql?.query)).toContain("from shop.sale");
    const whole = endOf("marts.build").run.runId;
    expect(run.facets.parent).toMatchObject({ run: { runId: whole }, job: { namespace: "tests", name: "marts.build" } });
  });

  test("of another environment name the marts of that environment", async () => {
    await emitting(async (emit) => {
      const marts = await shopMarts();
      await emit.during("marts.build", (listener) => buildMarts(pool, marts, { schemas, env: "dev", listener }));
    });
    await dropEnvironment(pool, "dev");
    const { dataset } = datasetsOf(database.url);
    const { inputs, outputs } = endOf("marts_dev.fct_sales_monthly");
    expect(inputs).toEqual([dataset("marts_dev.fct_sales_daily")]);
    expect(outputs.map(({ name }) => name)).toEqual([dataset("marts_dev.fct_sales_monthly").name]);
  });

  test("go to the endpoint's path with its key, and hold no credentials", async () => {
    await emitting(build);
    expect(new Set(received.map(({ path }) => path))).toEqual(new Set(["/api/v1/lineage"]));
    expect(new Set(received.map(({ key }) => key))).toEqual(new Set(["Bearer s3cret"]));
    expect(new URL(database.url).username).not.toBe("");
    for (const secret of ["@", "s3cret"]) expect(JSON.stringify(events())).not.toContain(secret);
  });
});

describe("when work fails", () => {
  test("the mart that failed says so, those above it were for nothing, and the whole fails", async () => {
    const marts = [...(await shopMarts()).filter(({ name }) => name !== "fct_sales_daily"), await salesDaily(" / 0")];
    await emitting((emit) => expect(build(emit, marts)).rejects.toThrow("division by zero"));
    const ends = told().filter((line) => !line.startsWith("START"));
    expect(ends).toContain("FAIL marts.fct_sales_daily");
    expect(ends).toContain("ABORT marts.fct_sales_monthly");
    expect(ends.at(-1)).toBe("FAIL marts.build");
    expect(ends.filter((line) => line.startsWith("COMPLETE"))).toEqual([]);
    expect(endOf("marts.fct_sales_daily").run.facets.errorMessage?.message).toContain("division by zero");
  });

  test("a refresh of which one mart fails has failed; the marts above that one wait and say nothing", async () => {
    const marts = [
      ...(await shopMarts()).filter(({ name }) => name !== "fct_sales_daily"),
      await salesDaily(" / min(sale.amount)"),
    ];
    await emitting(async (emit) => {
      await build(emit, marts);
      await sell("0");
      const [daily] = await refresh(emit);
      expect(daily?.error).toContain("division by zero");
    });
    expect(told().slice(-4)).toEqual([
      "START marts.refresh",
      "START marts.fct_sales_daily",
      "FAIL marts.fct_sales_daily",
      "FAIL marts.refresh",
    ]);
  });
});

describe.skipIf(!hasSchemas)(`OpenLineage's own schemas${onlyWithSchemas}`, () => {
  test("hold for every event of a build, a refresh and a test run, and for every facet in them", async () => {
    await emitting(async (emit) => {
      await build(emit);
      await sell("1");
      await emit.during("marts.refresh", (listener) => refreshMarts(pool, { listener }), { scheduledFor: new Date(0) });
      await emit.during("marts.test", async (listener) => {
        listener.started(
          { schema: "marts", name: "fct_sales_daily" },
          "test",
          0,
        )({ ...ended, outcome: "done", tests: [uniqueDays] });
        listener.started(
          { schema: "marts", name: "best_month" },
          "test",
          0,
        )({ ...ended, outcome: "failed", error: "it broke", tests: [] });
      });
    });
    expect(received.length).toBe(28);
    for (const event of events()) {
      expect(complaintsOfOpenLineage(event.schemaURL, event)).toEqual([]);
      for (const facet of facetsOf(event)) expect(complaintsOfOpenLineage(facet._schemaURL, facet)).toEqual([]);
    }
    expect(endOf("marts.fct_sales_daily.test").inputs[0]?.inputFacets?.dataQualityAssertions?.assertions).toEqual([
      expect.objectContaining({ assertion: "unique", success: false, column: "day", severity: "warn", actual: "2" }),
    ]);
    expect(endOf("marts.test").eventType).toBe("FAIL");
    expect(endOf("marts.fct_sales_daily").run.facets.nominalTime?.nominalStartTime).toBe("1970-01-01T00:00:00.000Z");
  });

  test("would object to a facet that lacks what it must have", () => {
    const address = "https://openlineage.io/spec/facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet";
    const facet = { _producer: "urn:x:y", _schemaURL: address, message: "no language" };
    expect(complaintsOfOpenLineage(address, facet)).not.toEqual([]);
  });
});

const ended = { reason: "", rowsChanged: null, rows: null, duration_ms: 1 };
const uniqueDays = {
  name: "unique_days",
  test: "unique",
  column: "day",
  words: "no two rows have the same day",
  severity: "warn",
  status: "warn",
  rows: 2,
  sql: "select",
} as const;
