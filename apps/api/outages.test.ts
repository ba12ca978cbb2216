import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, payment, type TestApi, testApi } from "./api.testing.ts";
import { startApi } from "./server.ts";

let test: TestApi;

beforeAll(async () => {
  test = await testApi();
});

afterAll(() => test?.close());

const events = "/v1/events";

type Pg = TestApi["jukebase"]["database"]["pg"];

/** An API whose connections do what a test says at each statement, before or after the statement itself. */
async function withTrouble(
  trouble: (text: string, run: () => Promise<unknown>) => Promise<unknown>,
  work: (post: (body: unknown, headers?: Record<string, string>) => Promise<Response>) => Promise<void>,
  limits = {},
): Promise<void> {
  const { pg } = test.jukebase.database;
  const troubled = {
    query: (...given: unknown[]) => pg.query(...(given as Parameters<Pg["query"]>)),
    connect: async () => {
      const client = await pg.connect();
      return {
        query: (text: string | { text: string }, values?: unknown[]) =>
          trouble(typeof text === "string" ? text : text.text, () => client.query(text as string, values)),
        release: (error?: Error) => client.release(error),
      };
    },
  } as unknown as Pg;
  const jukebase = { ...test.jukebase, database: { ...test.jukebase.database, pg: troubled } };
  const api = await startApi(jukebase, { host: "127.0.0.1", port: 0, limits });
  try {
    await work((body, headers = {}) =>
      fetch(`${api.url}${events}`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { authorization: `Bearer ${test.key.secret}`, "content-type": "application/json", ...headers },
      }),
    );
  } finally {
    await api.close();
  }
}

const failure = (code: string): Error => Object.assign(new Error(`made up: ${code}`), { code });

describe("when the database cannot", () => {
  it.each([
    ["its disk is full", "53100", "30"],
    ["it only reads", "25006", "30"],
    ["it has no connection left", "53300", "5"],
    ["it is out of memory", "53200", "5"],
    ["it is shutting down", "57P01", "5"],
    ["it cannot read its disk", "58030", "5"],
    ["it chose this transaction to end a deadlock", "40P01", "5"],
  ])("because %s (%s), answers 503, and takes the same when it comes again", async (name, code, wait_s) => {
    let broken = true;
    await withTrouble(
      (text, run) => (broken && /^commit/i.test(text) ? Promise.reject(failure(code)) : run()),
      async (post) => {
        const refused = await post(payment(`out-${name}`));
        expect(refused.status).toBe(503);
        expect(refused.headers.get("retry-after")).toBe(wait_s);
        expect(await refused.text()).not.toContain("made up");
        broken = false;
        expect(await json(post(payment(`out-${name}`)))).toMatchObject({ accepted: 1, duplicates: 0 });
      },
    );
  });

  it("say whether it committed, answers 503; the same again is told as a duplicate, and is there once", async () => {
    let broken = true;
    await withTrouble(
      async (text, run) => {
        const answer = await run();
        if (broken && /^commit/i.test(text)) throw new Error("Connection terminated unexpectedly");
        return answer;
      },
      async (post) => {
        expect((await post(payment("unknown-commit"))).status).toBe(503);
        broken = false;
        expect(await json(post(payment("unknown-commit")))).toMatchObject({ accepted: 0, duplicates: 1 });
        const { rows } = await test.jukebase.database.pg.query("select 1 from events.log where event_id = 'unknown-commit'");
        expect(rows).toHaveLength(1);
      },
    );
  });

  it("answer in time, answers 503 itself, and keeps the place taken until the work is over", async () => {
    const { promise: thawed, resolve: thaw } = Promise.withResolvers<void>();
    await withTrouble(
      async (text, run) => {
        if (/^commit/i.test(text)) await thawed;
        return run();
      },
      async (post) => {
        const refused = await post(payment("frozen"));
        expect(refused.status).toBe(503);
        expect(await refused.text()).toContain("not known");
        const next = await post(payment("next"));
        expect(next.status).toBe(503);
        expect(await next.text()).toContain("More is coming in");
        thaw();
        let answer = await post(payment("frozen"));
        while (answer.status === 503) answer = await post(payment("frozen"));
        expect(await json(Promise.resolve(answer))).toMatchObject({ received: 1, duplicates: 1 });
      },
      { body_ms: 100, commit_ms: 100, room: { intakes: 1 } },
    );
  });

  it("do anything for as long as somebody holds what it needs, gives the connection up, and those behind get in later", async () => {
    const { pg } = test.jukebase.database;
    const holder = await pg.connect();
    const api = await startApi(test.jukebase, { host: "127.0.0.1", port: 0, limits: { connection_ms: 300 } });
    const post = (id: string): Promise<Response> =>
      fetch(`${api.url}${events}`, {
        method: "POST",
        body: JSON.stringify(payment(id)),
        headers: { authorization: `Bearer ${test.key.secret}`, "content-type": "application/json" },
      });
    try {
      await holder.query("begin; lock table events.log in access exclusive mode");
      const refused = await Promise.all([post("held-1"), post("held-2"), post("held-3")]);
      expect(refused.map(({ status }) => status)).toEqual([503, 503, 503]);
      await holder.query("rollback");
      expect(await json(post("held-1"))).toMatchObject({ accepted: 1, duplicates: 0 });
    } finally {
      holder.release(true);
      await api.close();
    }
  });
});

describe("room", () => {
  it("is bounded in bytes: what does not fit is refused before it is read, and fits later", async () => {
    await withTrouble(
      (_text, run) => run(),
      async (post) => {
        const large = Array.from({ length: 30 }, (_, n) => payment(`room-${n}`));
        const refused = await post(large);
        expect(refused.status).toBe(503);
        expect(refused.headers.get("retry-after")).toBe("1");
        expect(await json(post(large.slice(0, 5)))).toMatchObject({ accepted: 5 });
        expect(await json(post(large.slice(5, 10)))).toMatchObject({ accepted: 5 });
      },
      { room: { bytes: 1_000 } },
    );
  });

  it("is bounded in events, whatever their size", async () => {
    await withTrouble(
      (_text, run) => run(),
      async (post) => {
        expect((await post(Array.from({ length: 11 }, (_, n) => payment(`ev-${n}`)))).status).toBe(503);
        expect(await json(post(Array.from({ length: 10 }, (_, n) => payment(`ev-${n}`))))).toMatchObject({ accepted: 10 });
      },
      { room: { events: 10 } },
    );
  });
});
