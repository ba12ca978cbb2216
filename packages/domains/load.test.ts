import { declareSource, type LoadInput, type LoadOptions, type LoadSummary, load, sourceBalances } from "@jukebase/events";
import { pgExecutor } from "@jukebase/platform";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Jukebase } from "./open.ts";
import { type OpenedForTest, openedForTest } from "./opened.testing.ts";

let opened: OpenedForTest;
let jukebase: Jukebase;

beforeAll(async () => {
  opened = await openedForTest({ connections: 6 });
  jukebase = opened.jukebase;
});
afterAll(() => opened?.close());

const events = 3000;
/** Every third is equal to one before it: n equal rows are n facts. Two in a hundred are broken. */
const text = Array.from({ length: events }, (_, n) => {
  const amount = n % 50 === 7 ? '"much"' : `${1 + (n % 3 === 0 ? 0 : n)}`;
  return `{"type":"Payment.PaymentReceived","data":{"PaymentAmount":${amount},"OccurredAt":"2025-03-01T10:00:00Z"}}\n`;
}).join("");
const broken = 60;

test("helpers that write side by side lose nothing and take nothing twice", async () => {
  expect(await loaded("helpers", { chunk: 100 })).toMatchObject({
    received: events,
    logged: events - broken,
    quarantined: broken,
  });
  expect(await loaded("helpers", { chunk: 250 })).toMatchObject({ received: events, logged: 0, duplicates: events - broken });
  expect(await loaded("alone", { chunk: 100 }, { ...jukebase, helpers: undefined })).toMatchObject({ logged: events - broken });
  expect(await idsOf("helpers")).toEqual(await idsOf("alone"));
  expect((await sourceBalances(pgExecutor(jukebase.database.pg))).map(({ lost }) => lost)).toEqual([0, 0]);
}, 90_000);

test("a load that breaks off is carried on where it was, and its equal rows are counted on", async () => {
  const options = { fingerprint: "the same file", chunk: 100 };
  await expect(loaded("resumed", options, jukebase, text.slice(0, text.length / 2), true)).rejects.toThrow("the line went dead");
  const carriedOn = await loaded("resumed", options);
  expect(carriedOn).toMatchObject({ received: events, logged: events - broken, duplicates: 0, quarantined: broken });
  expect(carriedOn.carried_on).toBeGreaterThan(text.length / 3);
  expect(await idsOf("resumed")).toHaveLength(events - broken);
  expect(await statesOf("resumed")).toEqual([{ status: "done", whole: true, occurrences: 0 }]);
});

test("a gap that writers left behind is filled, and only the gap", async () => {
  // Every row a fact of its own.
  const sound = text.replaceAll(/"PaymentAmount":[^,]+/g, (_, place: number) => `"PaymentAmount":${place + 1}`);
  const options = { fingerprint: "with a gap", chunk: 100 };
  await expect(loaded("gap", options, { ...jukebase, helpers: undefined }, sound, true)).rejects.toThrow("the line went dead");
  await undoBatch("gap", 3, stretchOf(sound, 300, 400));
  expect(await loaded("gap", options, jukebase, sound)).toMatchObject({ received: events, logged: events, duplicates: 0 });
  expect(await idsOf("gap")).toHaveLength(events);
  const { rows } = await jukebase.database.pg.query(
    "select received from events.batch where source = 'gap' order by seq desc limit 1",
  );
  expect(rows).toEqual([{ received: 100 }]);
});

test("another process at the same file is told so", async () => {
  let let_go: () => void = () => {};
  const held = new Promise<void>((resolve) => {
    let_go = resolve;
  });
  let begun: () => void = () => {};
  const begins = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const bytes = (async function* () {
    yield Buffer.from(text.slice(0, 1000));
    begun();
    await held;
  })();
  const source = await declareSource(pgExecutor(jukebase.database.pg), "twice");
  const first = load(jukebase, { bytes, read: { format: "ndjson" } }, { source, name: "big", fingerprint: "big" });
  await begins;
  await expect(loaded("twice", { fingerprint: "big" })).rejects.toThrow("being loaded by another process");
  let_go();
  await first;
});

test("what fails in a thread ends the load with its own words", async () => {
  const helpers = { module: new URL("./no-such-module.ts", import.meta.url), count: 2 };
  await expect(loaded("failing", { chunk: 100 }, { ...jukebase, helpers })).rejects.toThrow();
  expect(await statesOf("failing")).toMatchObject([{ status: "failed" }]);
});

async function loaded(
  name: string,
  options: Partial<LoadOptions>,
  intake: Jukebase = jukebase,
  input = text,
  breaksOff = false,
): Promise<LoadSummary> {
  const source = await declareSource(pgExecutor(jukebase.database.pg), name);
  const bytes = (async function* () {
    for (let at = 0; at < input.length; at += 7919) yield Buffer.from(input.slice(at, at + 7919));
    if (breaksOff) throw new Error("the line went dead");
  })();
  const file: LoadInput = { bytes, read: { format: "ndjson" } };
  return load(intake, file, { source, name, ...options });
}

// As if the process had died before this batch was committed, and others after it had been.
async function undoBatch(source: string, offset: number, { from, to }: { from: number; to: number }): Promise<void> {
  await jukebase.database.pg.query(
    `with cut as (delete from events.batch where seq = (select seq from events.batch where source = $1 order by seq offset $2 limit 1) returning *),
     gone as (delete from events.log using cut where log.batch_id = cut.batch_id returning log.event_key),
     unclaimed as (delete from events.key using gone where key.event_key = gone.event_key returning key.body),
     uncounted as (
       update events.occurrence
       set n = n - bodies.times
       from (select body, count(*) as times from unclaimed group by body) as bodies
       where content = bodies.body
     )
     update events.load
     set done = done - int8multirange(int8range($3, $4)), received = load.received - cut.received, logged = load.logged - cut.logged
     from cut
     where load.load_id = cut.load_id`,
    [source, offset, from, to],
  );
}

// The bytes of lines, by number: after the end of line `from`, up to the end of line `to`.
function stretchOf(input: string, from: number, to: number): { from: number; to: number } {
  const lines = input.split("\n");
  const endOf = (line: number): number => lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0);
  return { from: endOf(from), to: endOf(to) };
}

async function idsOf(source: string): Promise<string[]> {
  const { rows } = await jukebase.database.pg.query<{ body: string }>(
    "select data::text as body from events.log where source = $1 order by 1",
    [source],
  );
  return rows.map((row) => row.body);
}

async function statesOf(source: string): Promise<object[]> {
  const { rows } = await jukebase.database.pg.query(
    `select status, read_to = $2 as whole, (select count(*) from events.occurrence where occurrence.load_id = load.load_id) as occurrences
     from events.load
     where source = $1`,
    [source, text.length],
  );
  return rows;
}
