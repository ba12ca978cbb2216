import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { pathToFileURL } from "node:url";
import { projectionBalance } from "@jukebase/events";
import { verifyMart } from "@jukebase/marts";
import { type Check, type Domain, NotFound, type Projection, pgExecutor } from "@jukebase/platform";
import { auditTrail } from "@jukebase/platform/audit.ts";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { arbitraryCase, type Sent } from "./laws/arbitrary-case.ts";
import { difference, takePicture } from "./laws/picture.ts";
import { forgetEach, settle, takeIn } from "./laws/world.ts";
import type { Jukebase } from "./open.ts";
import { openedForTest } from "./opened.testing.ts";
import { recentRebuilds } from "./rebuild/record.ts";
import { abortRebuild, type RebuildOptions, rebuild } from "./rebuild.ts";

let jukebase: Jukebase;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ jukebase, close } = await openedForTest());
});
beforeEach(() => forgetEach(jukebase));
afterEach(nothingIsLeftBeside);
afterAll(() => close?.());

const actor = "cli:test";
const payment = (id: string, PaymentAmount: number): Sent => ({
  id,
  type: "Payment.PaymentReceived",
  data: { PaymentAmount, OccurredAt: "2025-03-01T00:00:00Z" },
});
const customer = (id: string): Sent => ({
  id: `c${id}`,
  type: "Sale.CustomerRegistered",
  data: { CustomerId: id, CustomerName: `Customer ${id}`, OccurredAt: "2025-01-01T00:00:00Z" },
});

describe("a rebuild", () => {
  it.each([1, 2])(
    "leads to the tables, marts and waiting events that were live, amendments and retractions included (%i)",
    async (seed) => {
      await manyCases(seed);
      const live = await takePicture(jukebase, false);
      const rebuilt = await rebuild(jukebase, { actor });
      expect(rebuilt).toMatchObject({ swapped: true, failures: [], left_behind: false, projections: ["sales", "music"] });
      expect(difference(live, await takePicture(jukebase, false))).toBeUndefined();
      await everythingHolds();
    },
  );

  const musicAlone = "select store from marts_store.mart where name in ('dim_songs', 'fct_plays') order by 1";

  it("of one domain leaves the other's tables and marts alone", async () => {
    await manyCases(3);
    const live = await takePicture(jukebase, false);
    const before = await rows(musicAlone);
    const rebuilt = await rebuild(jukebase, { actor, domains: ["sales"] });
    expect(rebuilt.marts).toContain("fct_sales");
    expect(rebuilt.marts).not.toContain("dim_songs");
    expect(await rows(musicAlone)).toEqual(before);
    expect(difference(live, await takePicture(jukebase, false))).toBeUndefined();
    await everythingHolds();
  });

  it("is followed by live projecting into the new tables, and their writes mark the new marts", async () => {
    await manyCases(4);
    await rebuild(jukebase, { actor });
    await takeAndSettle(payment("late", 12));
    expect(await rows("select amount from marts.fct_payments")).toContainEqual({ amount: "12" });
    await everythingHolds();
  });

  it("keeps keys, references, comments and grants of the tables as they were", async () => {
    const shape =
      "select conname, pg_get_constraintdef(oid) as text from pg_constraint where connamespace in ('sales'::regnamespace, 'music'::regnamespace) order by 1, 2";
    const said =
      "select indexdef from pg_indexes where schemaname in ('sales', 'music') union all select obj_description(oid, 'pg_class') from pg_class where relnamespace in ('sales'::regnamespace, 'music'::regnamespace) order by 1";
    await jukebase.database.pg.query("grant usage on schema sales to public; grant select on sales.agent to public");
    const granted =
      "select relname, relacl::text from pg_class where relnamespace = 'sales'::regnamespace and relacl is not null union all select nspname, nspacl::text from pg_namespace where nspname = 'sales' order by 1";
    const before = [await rows(shape), await rows(said), await rows(granted)];
    await rebuild(jukebase, { actor });
    expect([await rows(shape), await rows(said), await rows(granted)]).toEqual(before);
    await jukebase.database.pg.query("revoke select on sales.agent from public; revoke usage on schema sales from public");
  });

  it("parks again what a table refuses, and lets the others pass", async () => {
    await rows("alter table sales.payment_receipt add constraint no_thirteen check (amount <> 13)");
    await takeAndSettle(payment("a", 5), payment("b", 13), payment("c", 7));
    const live = await takePicture(jukebase, false);
    const phases: string[] = [];
    await rebuild(jukebase, { actor, onProgress: ({ phase }) => void phases.push(phase) });
    expect(difference(live, await takePicture(jukebase, false))).toBeUndefined();
    expect(await rows("select generation, error from events.parked")).toMatchObject([{ generation: 1 }]);
    expect(phases).toContain("starting again, step by step");
    await rows("alter table sales.payment_receipt drop constraint no_thirteen");
  });

  it("brings changed code into tables and marts", async () => {
    await takeAndSettle(customer("1"));
    const shouting = withProjection("sales", (projection) => ({
      ...projection,
      apply: async (db) => {
        await projection.apply(db);
        await db.query("update customer set customer_name = upper(customer_name)");
      },
    }));
    await rebuild(shouting, { actor });
    expect(await rows("select customer_name from marts.dim_customers")).toEqual([{ customer_name: "CUSTOMER 1" }]);
    await rebuild(jukebase, { actor });
    expect(await rows("select customer_name from marts.dim_customers")).toEqual([{ customer_name: "Customer 1" }]);
  });

  it("is recorded and audited, and its progress can be read while it goes on", async () => {
    await manyCases(5, 5);
    let seen: unknown;
    const done = await rebuild(jukebase, {
      actor,
      why: "to see",
      onProgress: ({ phase, done: read }) => {
        if (phase === "marts") seen = read;
      },
    });
    expect(seen).toEqual({ sales: done.events, music: done.events });
    expect(await recentRebuilds(db(), 1)).toMatchObject([
      { rebuild_id: done.rebuild_id, status: "done", phase: "swap", error: null },
    ]);
    const trail = await auditTrail(db(), {}, 2);
    expect(trail.map(({ action, why }) => [action, why])).toEqual([
      ["rebuild.swap", "to see"],
      ["rebuild.start", "to see"],
    ]);
  });
});

describe("what is live stays", () => {
  it("when a check finds rows, which are named", async () => {
    const folder = await mkdtemp(`${tmpdir()}/jukebase-check-`);
    const file = pathToFileURL(`${folder}/nobody_pays_thirteen.sql`);
    await writeFile(
      file,
      "-- Nobody pays 13.\nselect payment.payment_id from sales.payment join marts.fct_payments using (payment_key) where payment.amount = 13",
    );
    await takeAndSettle(payment("a", 13));
    const before = await storesOf("sales");
    const rebuilt = await rebuild(withCheck({ name: "nobody pays 13", file }), { actor });
    expect(rebuilt).toMatchObject({
      swapped: false,
      failures: [{ name: "nobody pays 13", rows: 1, examples: [{ payment_id: null }] }],
    });
    expect(await storesOf("sales")).toBe(before);
    expect(await recentRebuilds(db(), 1)).toMatchObject([{ status: "failed", error: "Checks failed: nobody pays 13" }]);
    await rm(folder, { recursive: true });
  });

  it("when a second rebuild is asked for, which is refused", async () => {
    await takeAndSettle(payment("a", 5));
    await rebuild(jukebase, {
      actor,
      onStart: async () => {
        await expect(rebuild(jukebase, { actor })).rejects.toThrow(/A rebuild is running of sales, music, since .*--abort/);
      },
    });
  });

  it("when somebody asks the rebuild to stop", async () => {
    await takeAndSettle(payment("a", 5));
    let aborting: Promise<unknown> = Promise.resolve();
    const stopped = rebuild(jukebase, {
      actor,
      onStart: async () => {
        aborting = abortRebuild(jukebase, actor);
        while ((await rows("select 1 from events.rebuild where status = 'running' and abort_asked")).length === 0);
      },
    });
    await expect(stopped).rejects.toThrow(/was stopped/);
    await aborting;
    expect(await recentRebuilds(db(), 1)).toMatchObject([{ status: "aborted" }]);
    await expect(abortRebuild(jukebase, actor)).rejects.toThrow(NotFound);
  });

  it("when the tables are changed while they are rebuilt", async () => {
    await takeAndSettle(payment("a", 5));
    const onProgress: RebuildOptions["onProgress"] = async ({ phase }) => {
      if (phase === "marts") await rows("alter table sales.agent add column added integer");
    };
    await expect(rebuild(jukebase, { actor, onProgress })).rejects.toThrow(
      /The tables of sales were changed while they were rebuilt/,
    );
    await rows("alter table sales.agent drop column added");
  });

  it("when a view of somebody's own stands on its tables, which is named", async () => {
    await rows("create view public.own as select customer_key from sales.customer");
    await expect(rebuild(jukebase, { actor })).rejects.toThrow(/because of: the view own/);
    await rows("drop view public.own");
  });

  it("when a domain is named that is none, or has no tables", async () => {
    await expect(rebuild(jukebase, { actor, domains: ["finance"] })).rejects.toThrow(
      /no domain "finance" with tables.*sales, music/,
    );
  });
});

/** Many small worlds with amendments, retractions, late parents and what is broken, taken in at any pace. */
async function manyCases(seed: number, cases = 40): Promise<void> {
  const worlds = fc.sample(arbitraryCase, { numRuns: cases, seed });
  const placed = worlds.flatMap((events, n) => events.map((event) => ({ source: `case-${n}`, event })));
  await takeIn(jukebase, placed, (batch) => batch % 7 === 0);
  await settle(jukebase);
}

async function takeAndSettle(...events: readonly Sent[]): Promise<void> {
  await takeIn(
    jukebase,
    events.map((event) => ({ source: "till", event })),
    () => false,
  );
  await settle(jukebase);
}

async function everythingHolds(): Promise<void> {
  for (const mart of jukebase.marts.filter(({ kind }) => kind !== "view"))
    expect(await verifyMart(jukebase.database.pg, mart.name)).toMatchObject({ missing: 0, unexpected: 0 });
  for (const projection of jukebase.domains.flatMap((domain) => domain.projections))
    expect(await projectionBalance(db(), projection)).toMatchObject({ lost: 0, unread: 0 });
}

async function nothingIsLeftBeside(): Promise<void> {
  expect(await rows("select nspname from pg_namespace where nspname like '%\\_\\_%'")).toEqual([]);
  expect(await rows("select projection from events.checkpoint where generation <> 1")).toEqual([]);
  const stores =
    "select relname from pg_class where relnamespace = 'marts_store'::regnamespace and relkind = 'r' and relname ~ '__'";
  expect(await rows(`${stores} and regexp_replace(relname, '__dirty$', '') not in (select store from marts_store.mart)`)).toEqual(
    [],
  );
}

async function storesOf(projection: string): Promise<string> {
  const found = await rows(
    "select string_agg(store, ' ' order by store) as stores from marts_store.mart where projections = array[$1]",
    [projection],
  );
  return String(found[0]?.stores);
}

function withProjection(name: string, change: (projection: Projection) => Projection): Jukebase {
  const changed = (domain: Domain): Domain => ({ ...domain, projections: domain.projections.map(change) });
  return { ...jukebase, domains: jukebase.domains.map((domain) => (domain.name === name ? changed(domain) : domain)) };
}

function withCheck(check: Check): Jukebase {
  const [first, ...others] = jukebase.domains;
  return { ...jukebase, domains: [{ ...(first as Domain), checks: [check] }, ...others] };
}

function db(): ReturnType<typeof pgExecutor> {
  return pgExecutor(jukebase.database.pg);
}

async function rows(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await jukebase.database.pg.query(text, [...values])).rows;
}
