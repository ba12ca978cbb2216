import { pgExecutor } from "@jukebase/platform";
import { auditTrail } from "@jukebase/platform/audit.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Sent } from "./laws/arbitrary-case.ts";
import { difference, takePicture } from "./laws/picture.ts";
import { forgetAll, forgetProjections, settle, takeIn } from "./laws/world.ts";
import type { Jukebase } from "./open.ts";
import { openedForTest } from "./opened.testing.ts";
import { type Projected, type Projecting, project } from "./project.ts";
import { recentRebuilds } from "./rebuild/record.ts";

let jukebase: Jukebase;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ jukebase, close } = await openedForTest());
});
beforeEach(async () => {
  await forgetAll(jukebase);
  await jukebase.database.pg.query("delete from events.rebuild");
});
afterAll(() => close?.());

const db = () => pgExecutor(jukebase.database.pg);
const projections = () => jukebase.domains.flatMap((domain) => domain.projections);
const far = 50;

const sale = (n: number): Sent[] => [
  {
    id: `c${n}`,
    type: "Sale.CustomerRegistered",
    data: { CustomerId: n, CustomerName: `N${n}`, OccurredAt: "2025-01-01T00:00:00Z" },
  },
  {
    id: `p${n}`,
    type: "Payment.PaymentReceived",
    data: { PaymentAmount: n + 1, CustomerId: n, OccurredAt: "2025-03-01T00:00:00Z" },
  },
];

/** Takes in so many pairs of events and projects them, all projections side by side, as a worker does. */
async function takeAndProject(from: number, count: number, more: Partial<Projecting> = {}): Promise<Projected[]> {
  const events = Array.from({ length: count }, (_, n) => sale(from + n)).flat();
  await takeIn(
    jukebase,
    events.map((event) => ({ source: "till", event })),
    () => false,
  );
  return Promise.all(projections().map((projection) => project(projection, jukebase, { actor: "job:test", far, ...more })));
}

describe("a projection that is brought to the end of the log", () => {
  it("is rebuilt when it is far behind, once for all that are, and leads where steps lead", async () => {
    const done = await takeAndProject(0, 40);
    expect(await recentRebuilds(db())).toMatchObject([{ status: "done", projections: ["sales", "music"] }]);
    expect(done.every(({ events }) => events === 0)).toBe(true);
    const inBulk = await takePicture(jukebase, false);
    await forgetProjections(jukebase);
    await settle(jukebase);
    expect(difference(inBulk, await takePicture(jukebase, false))).toBeUndefined();
    expect(await auditTrail(db(), {}, 1)).toMatchObject([{ actor: "job:test", action: "rebuild.swap" }]);
  });

  it("goes step by step when little is ahead, or less than lies behind", async () => {
    expect(await takeAndProject(0, 10)).toMatchObject([{ events: 20, rebuilt: false }, { rebuilt: false }]);
    await takeAndProject(10, 60, { far: 1_000 });
    expect(await takeAndProject(70, 30)).toMatchObject([{ events: 60, rebuilt: false }, { rebuilt: false }]);
    expect(await recentRebuilds(db())).toEqual([]);
  });

  it("goes step by step when a rebuild cannot be: what stands in its way is no reason to wait", async () => {
    await jukebase.database.pg.query(
      "create view public.own_view as select customer_key from sales.customer union all select song_key from music.song",
    );
    expect(await takeAndProject(0, 40)).toMatchObject([{ events: 80, rebuilt: false }, { rebuilt: false }]);
    await jukebase.database.pg.query("drop view public.own_view");
  });

  it("goes step by step for a while after somebody stopped a rebuild, or three have failed", async () => {
    const note = (status: string, error: string | null): Promise<unknown> =>
      jukebase.database.pg.query(
        "insert into events.rebuild (projections, status, error, started_at, updated_at, finished_at) values ('{sales}', $1, $2, $3, $3, $3)",
        [status, error, jukebase.clock.now().toISOString()],
      );
    await note("aborted", null);
    expect(await takeAndProject(0, 40)).toMatchObject([{ events: 80, rebuilt: false }, {}]);
    await forgetAll(jukebase);
    await jukebase.database.pg.query("delete from events.rebuild");
    for (let n = 0; n < 3; n += 1) await note("failed", "no room");
    expect(await takeAndProject(0, 40)).toMatchObject([{ events: 80, rebuilt: false }, {}]);
  });

  it("lets go of a rebuild when it is told to stop, leaves nothing half done, and the next takes it up", async () => {
    const [sales] = projections();
    let told = false;
    const onBulk: Projecting["onBulk"] = ({ phase }) => {
      if (phase === "marts") told = true;
    };
    await takeAndProject(0, 40, { onBulk, stopped: () => told });
    expect(await recentRebuilds(db(), 1)).toMatchObject([{ status: "failed" }]);
    const { rows } = await jukebase.database.pg.query("select from sales.customer");
    expect(rows).toEqual([]);
    if (sales) expect(await project(sales, jukebase, { actor: "job:test", far })).toMatchObject({ rebuilt: true });
  });
});
