import { catchUp as projectOn } from "@jukebase/events";
import { refreshMarts, verifyMart } from "@jukebase/marts";
import { pgExecutor } from "@jukebase/platform";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Sent } from "./laws/arbitrary-case.ts";
import { difference, takePicture } from "./laws/picture.ts";
import { forgetEach, settle, takeIn } from "./laws/world.ts";
import type { Jukebase } from "./open.ts";
import { openedForTest } from "./opened.testing.ts";
import { recentRebuilds } from "./rebuild/record.ts";
import { abortRebuild, rebuild } from "./rebuild.ts";
import { findReport, runReport } from "./run-report.ts";

let jukebase: Jukebase;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ jukebase, close } = await openedForTest({ connections: 6 }));
});
beforeEach(() => forgetEach(jukebase));
afterAll(() => close?.());

const actor = "cli:test";
const phases = ["reading the log", "keys of music", "what follows in sales", "marts", "checks", "swap"];

describe("while a rebuild goes on", () => {
  it("intake, projecting, refreshing and reports go on, and an answer never goes back, is empty or fails", async () => {
    await takeIn(jukebase, batch(0), () => false);
    await settle(jukebase);
    let over = false;
    const until = async (work: () => Promise<void>): Promise<void> => {
      while (!over) await work();
    };
    let sent = 1;
    const payments: number[] = [];
    const reports: number[] = [];
    const senders = [
      until(() => send(sent++)),
      until(projectAll),
      until(() => refreshMarts(jukebase.database.pg).then(() => {})),
      until(async () => void payments.push(await counted())),
      until(async () => void reports.push(await reported())),
      until(() => heldReader()),
    ];
    try {
      for (const domains of [["sales"], ["sales", "music"]])
        expect(await rebuild(jukebase, { actor, domains })).toMatchObject({ swapped: true });
    } finally {
      over = true;
      await Promise.all(senders);
    }
    for (const answers of [payments, reports]) {
      expect(answers.length).toBeGreaterThan(10);
      expect(answers.filter((answer, n) => answer < (answers[n - 1] ?? 5))).toEqual([]);
    }
    await settle(jukebase);
    expect(await counted()).toBe(5 * sent);
    expect(await rebuild(jukebase, { actor, verify: true })).toMatchObject({ differences: [] });
    for (const mart of jukebase.marts.filter(({ kind }) => kind !== "view"))
      expect(await verifyMart(jukebase.database.pg, mart.name)).toMatchObject({ missing: 0, unexpected: 0 });
  }, 180_000);
});

describe("a rebuild whose connections are lost", () => {
  it.each(phases)("while it is at %s leaves what is live untouched; the next one clears up and goes through", async (at) => {
    await takeIn(jukebase, [...batch(0), ...batch(1)], () => false);
    await settle(jukebase);
    const live = await takePicture(jukebase, false);
    const lost = rebuild(jukebase, {
      actor,
      onProgress: ({ phase }) => {
        if (phase === at) cut();
      },
    });
    await expect(lost).rejects.toThrow();
    await cutting;
    expect(difference(live, await takePicture(jukebase, false))).toBeUndefined();
    expect(await recentRebuilds(pgExecutor(jukebase.database.pg), 1)).toMatchObject([{ status: "running" }]);
    await takeIn(jukebase, batch(2), () => false);
    await settle(jukebase);
    const later = await takePicture(jukebase, false);
    expect(await rebuild(jukebase, { actor })).toMatchObject({ swapped: true });
    expect(difference(later, await takePicture(jukebase, false))).toBeUndefined();
    expect((await recentRebuilds(pgExecutor(jukebase.database.pg), 2))[1]).toMatchObject({
      status: "failed",
      error: "The process that rebuilt ended before it was through.",
    });
  });

  it("can be cleared away without another", async () => {
    await takeIn(jukebase, batch(0), () => false);
    await settle(jukebase);
    const lost = rebuild(jukebase, {
      actor,
      onProgress: ({ phase }) => {
        if (phase === "marts") cut();
      },
    });
    await expect(lost).rejects.toThrow();
    await cutting;
    expect(await abortRebuild(jukebase, actor)).toMatchObject({ projections: ["sales", "music"] });
    expect((await jukebase.database.pg.query("select 1 from pg_namespace where nspname like '%\\_\\_next'")).rows).toEqual([]);
    expect(await recentRebuilds(pgExecutor(jukebase.database.pg), 1)).toMatchObject([{ status: "aborted" }]);
  });
});

let cutting: Promise<unknown> = Promise.resolve();

// What a process that is killed leaves: the server finds its connections gone, in the middle of whatever they did.
function cut(): void {
  cutting = jukebase.database.pg.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'jukebase rebuild' and datname = current_database()",
  );
}

/** Five payments, a device's listening and its song: something for every projection. */
function batch(n: number): { source: string; event: Sent }[] {
  const at = "2025-02-01T00:00:00Z";
  const payments = Array.from({ length: 5 }, (_, i) => ({
    id: `p${n}-${i}`,
    type: "Payment.PaymentReceived",
    data: { PaymentAmount: 10, DeviceId: `d${i}`, OccurredAt: at },
  }));
  const played = {
    id: `l${n}`,
    type: "Music.SongListened",
    data: { SongId: "s", DeviceId: "d1", SongCompleted: true, OccurredAt: at },
  };
  const customer = {
    id: `c${n}`,
    type: "Sale.CustomerRegistered",
    data: { CustomerId: `${n}`, CustomerName: "A", OccurredAt: at },
  };
  return [customer, ...payments, played].map((event) => ({ source: "till", event }));
}

function send(n: number): Promise<void> {
  return takeIn(jukebase, batch(n), () => false);
}

async function projectAll(): Promise<void> {
  for (const projection of jukebase.domains.flatMap((domain) => domain.projections)) await projectOn(projection, jukebase);
}

async function counted(): Promise<number> {
  const found = await jukebase.database.pg.query<{ n: number }>("select count(*) as n from marts.fct_payments");
  return found.rows[0]?.n ?? 0;
}

// Of the cash received: ten for each payment.
async function reported(): Promise<number> {
  const report = findReport(jukebase, "cash-received");
  const { rows } = await runReport(jukebase, report, { grain: "month", where: {}, options: report.options.parse({}) });
  return rows.reduce((total, row) => total + Number(row.amount), 0) / 10;
}

// Somebody who keeps a transaction open between two questions sees one state of things in both.
async function heldReader(): Promise<void> {
  const client = await jukebase.database.pg.connect();
  try {
    await client.query("begin isolation level repeatable read");
    await client.query("lock table marts.fct_payments in access share mode");
    const ask = async (): Promise<unknown> => (await client.query("select count(*) as n from marts.fct_payments")).rows;
    const first = await ask();
    expect(await ask()).toEqual(first);
    await client.query("commit");
  } finally {
    client.release();
  }
}
