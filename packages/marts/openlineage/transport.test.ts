import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { datasetsOf } from "./datasets.ts";
import { type EmitterCounts, makeEmitter } from "./emitter.ts";
import { waiting_max } from "./outbox.ts";
import type { RunEvent } from "./run-event.ts";
import { fileTransport, httpTransport, type Post, patience, type Transport } from "./transport.ts";

const event = { eventType: "START", eventTime: "2026-01-01T00:00:00.000Z" } as unknown as RunEvent;
const going = new AbortController().signal;

/** A transport to an endpoint that answers these, one after another, and what it did. */
function answering(answers: readonly (number | Error)[]) {
  const asked: { url: string; headers: Readonly<Record<string, string>> }[] = [];
  const waited: number[] = [];
  const post: Post = async (url, { headers }) => {
    const answer = answers[asked.length] ?? 500;
    asked.push({ url, headers });
    if (answer instanceof Error) throw answer;
    return { status: answer };
  };
  const wait = async (ms: number) => void waited.push(ms);
  return { send: httpTransport({ url: "http://marquez:5000/base", path: "/in" }, post, wait), asked, waited, post, wait };
}

test("what may pass is tried again, each time after twice as long a wait", async () => {
  const { send, asked, waited } = answering([new Error("refused"), 503, 429, 201]);
  await send(event, going);
  expect(asked.length).toBe(4);
  expect(waited).toEqual([250, 500, 1000]);
});

test("it is given up after the last try, and says what the endpoint answered", async () => {
  const { send, asked } = answering([]);
  await expect(send(event, going)).rejects.toThrow("The endpoint answered 500.");
  expect(asked.length).toBe(patience.tries);
});

test("what is refused is not tried again", async () => {
  const { send, asked } = answering([400]);
  await expect(send(event, going)).rejects.toThrow("The endpoint answered 400.");
  expect(asked.length).toBe(1);
});

test("a path that begins at the root counts from there, one that does not stands under the address; without a key none is sent", async () => {
  const { send, asked, post, wait } = answering([200, 200]);
  await send(event, going);
  await httpTransport({ url: "http://marquez:5000/base" }, post, wait)(event, going);
  expect(asked.map(({ url }) => url)).toEqual(["http://marquez:5000/in", "http://marquez:5000/base/api/v1/lineage"]);
  expect(asked[0]?.headers).toEqual({ "content-type": "application/json" });
});

test("a file is appended to, one line for each event", async () => {
  const folder = await mkdtemp(join(tmpdir(), "openlineage-"));
  const path = join(folder, "new", "events.ndjson");
  for (let n = 0; n < 2; n += 1) await fileTransport(path)(event, going);
  expect(
    (await readFile(path, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([event, event]);
  await rm(folder, { recursive: true });
});

test("datasets are named without user and password", () => {
  const { dataset } = datasetsOf("postgres://ann:secret@db.example/sales%20data?sslmode=require");
  expect(dataset("marts.fct_sales")).toEqual({ namespace: "postgres://db.example:5432", name: "sales data.marts.fct_sales" });
});

/** An emitter of one mart to such a transport, and what it told of its trouble. */
function emitterTo(send: Transport) {
  const trouble: (string | undefined)[] = [];
  const mart = { schema: "marts", name: "m", sql: "select 1", reads: [], columns: [], origins: [] };
  const emit = makeEmitter({
    identity: { producer: "urn:x:y", namespace: "n", datasets: datasetsOf("postgres://h/d") },
    send,
    describe: async () => new Map([["m", mart]]),
    clock: { now: () => new Date(0) },
    newId: () => "00000000-0000-4000-8000-000000000000",
    onTrouble: (problem) => void trouble.push(problem),
  });
  const refreshed = (times: number) =>
    emit.during("marts.refresh", async (listener) => {
      for (let n = 0; n < times; n += 1)
        listener.started(mart, "refresh", 0)({ outcome: "done", reason: "", rowsChanged: 1, rows: 1, duration_ms: 1 });
    });
  return { emit, refreshed, trouble };
}

test("an endpoint that is away never fails the work: what is lost is counted, and told once, as is that it is back", async () => {
  let away = true;
  const { emit, refreshed, trouble } = emitterTo(async () => {
    if (away) throw new Error("away");
  });
  await refreshed(1);
  await expect.poll(emit.counts).toEqual({ sent: 0, failed: 4, dropped: 0 } satisfies EmitterCounts);
  away = false;
  await refreshed(1);
  await emit.close();
  expect(emit.counts()).toEqual({ sent: 4, failed: 4, dropped: 0 });
  expect(trouble).toEqual(["away", undefined]);
});

test("no more than so many events wait; beyond them new ones are dropped and counted", async () => {
  const { emit, refreshed } = emitterTo(async () => {});
  await refreshed(waiting_max);
  await emit.close();
  expect(emit.counts()).toEqual({ sent: waiting_max, failed: 0, dropped: waiting_max + 2 });
});

test("closing waits for what is on its way, but not for ever", async () => {
  const { emit, refreshed } = emitterTo(
    (_, stop) => new Promise((_resolve, reject) => stop.addEventListener("abort", () => reject(new Error("stopped")))),
  );
  await refreshed(1);
  await emit.close(1);
  await expect.poll(emit.counts).toEqual({ sent: 0, failed: 4, dropped: 0 });
});

test("work that throws passes its error on, and its run has failed", async () => {
  const sent: RunEvent[] = [];
  const { emit } = emitterTo(async (one) => void sent.push(one));
  await expect(emit.during("marts.build", () => Promise.reject(new Error("no plan")))).rejects.toThrow("no plan");
  await emit.close();
  expect(sent.map(({ eventType, job }) => `${eventType} ${job.name}`)).toEqual(["START marts.build", "FAIL marts.build"]);
});
