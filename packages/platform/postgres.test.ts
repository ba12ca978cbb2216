import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { SchemaValidationError, sql } from "slonik";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { ownDatabase } from "./own-database.testing.ts";
import { bounded, connect, type Database, pgExecutor, slonikExecutor, transaction, withoutPassword } from "./postgres.ts";

let cloned: Awaited<ReturnType<typeof ownDatabase>>;
let database: Database;

beforeAll(async () => {
  cloned = await ownDatabase();
  database = await connect(cloned.url, { max: 3, name: "platform-test" });
  await database.pg.query("create table note (text text primary key)");
});
afterAll(async () => {
  await database?.end();
  await cloned?.drop();
});

describe("connecting", () => {
  test("where nothing listens is refused with a sentence that keeps the password", async () => {
    const port = await closedPort();
    await expect(connect(`postgres://me:secret@127.0.0.1:${port}/jukebase`)).rejects.toThrow(
      new RegExp(
        `^No Postgres answers at postgres://me@127\\.0\\.0\\.1:${port}/jukebase: .*\\. Start it, or correct DATABASE_URL\\.$`,
      ),
    );
  });

  test("to a database that is not there says so, and keeps the cause", async () => {
    const address = new URL(cloned.url);
    address.pathname = "/nowhere_at_all";
    await expect(connect(address.toString())).rejects.toMatchObject({
      message: expect.stringContaining('database "nowhere_at_all" does not exist'),
      cause: expect.any(Error),
    });
  });

  test("gives sessions their name and the zone UTC, whatever the address says besides", async () => {
    const { rows } = await database.pg.query(
      "select current_setting('timezone') as zone, current_setting('application_name') as name",
    );
    expect(rows).toEqual([{ zone: "UTC", name: "platform-test" }]);
    expect(
      await database.sql.oneFirst(sql.type(z.object({ zone: z.string() }))`select current_setting('timezone') as zone`),
    ).toBe("UTC");
  });

  test("shows addresses without their passwords", () => {
    expect(withoutPassword("postgres://me:p%40ss@host:5432/db?sslmode=require")).toBe(
      "postgres://me@host:5432/db?sslmode=require",
    );
    expect(withoutPassword("postgres://host/db")).toBe("postgres://host/db");
  });
});

describe("values come back exactly, by pg and by slonik alike", () => {
  const values: readonly [string, string, unknown][] = [
    ["numeric beyond a float", "12345678901234567890.123456789012345678::numeric", "12345678901234567890.123456789012345678"],
    ["numeric with its zeros", "250.00::numeric", "250.00"],
    ["a whole number that a float holds", "9007199254740991::int8", 9007199254740991],
    ["a whole number that none holds", "9007199254740993::int8", "9007199254740993"],
    ["a negative one", "(-9007199254740993)::int8", "-9007199254740993"],
    ["an instant to the microsecond, in UTC", "'2026-01-31 21:20:01.123456+01'::timestamptz", "2026-01-31T20:20:01.123456Z"],
    ["an instant without a fraction", "'2026-01-31 20:20:01+00'::timestamptz", "2026-01-31T20:20:01Z"],
    ["infinity", "'infinity'::timestamptz", "infinity"],
    ["a date, of no zone", "'2026-03-29'::date", "2026-03-29"],
    ["a count", "count(*)", 1],
    ["a sum of numeric", "sum(0.1::numeric) + 0.2", "0.3"],
  ];
  test.each(values)("%s", async (_, expression, expected) => {
    const text = `select ${expression} as value`;
    const [byPg] = await pgExecutor(database.pg).query(text);
    const [bySlonik] = await database.sql.connect((connection) => slonikExecutor(connection).query(text));
    expect({ byPg: byPg?.value, bySlonik: bySlonik?.value }).toEqual({ byPg: expected, bySlonik: expected });
  });

  test("arrays of numeric", async () => {
    const { rows } = await database.pg.query("select array[1.10, 12345678901234567890.5]::numeric[] as value");
    expect(rows).toEqual([{ value: ["1.10", "12345678901234567890.5"] }]);
  });

  test("and go in exactly too, by position", async () => {
    const given = ["12345678901234567890.10", 7, true, null, ["a", "b"]];
    const text = "select $1::numeric as a, $2::int as b, $3::boolean as c, $4::text as d, $5::text[] as e";
    const expected = { a: "12345678901234567890.10", b: 7, c: true, d: null, e: ["a", "b"] };
    expect(await pgExecutor(database.pg).query(text, given)).toEqual([expected]);
    expect(await database.sql.connect((connection) => slonikExecutor(connection).query(text, given))).toEqual([expected]);
  });
});

describe("a row that is not what its query says", () => {
  test("is refused, and one that is is parsed", async () => {
    const shape = z.object({ n: z.coerce.number() });
    expect(await database.sql.one(sql.type(shape)`select '7' as n`)).toEqual({ n: 7 });
    await expect(database.sql.one(sql.type(shape)`select 'seven' as n`)).rejects.toBeInstanceOf(SchemaValidationError);
  });
});

describe("a transaction", () => {
  const notes = async (): Promise<unknown[]> =>
    (await database.pg.query("select text from note order by 1")).rows.map(({ text }) => text);

  test("commits when its work returns, and gives what it returned", async () => {
    expect(await transaction(database.pg, (db) => db.query("insert into note (text) values ('kept') returning text"))).toEqual([
      { text: "kept" },
    ]);
    expect(await notes()).toEqual(["kept"]);
  });

  test("rolls back when its work throws, with the error as it was, and gives the connection back", async () => {
    for (let n = 0; n < 5; n += 1) {
      const failing = transaction(database.pg, async (db) => {
        await db.query("insert into note (text) values ('lost')");
        throw new Error("changed my mind");
      });
      await expect(failing).rejects.toThrow("changed my mind");
    }
    await expect(transaction(database.pg, (db) => db.query("insert into note (text) values ('kept')"))).rejects.toMatchObject({
      code: "23505",
    });
    expect(await notes()).toEqual(["kept"]);
    expect(database.pg.idleCount).toBe(database.pg.totalCount);
  });

  test("throws what went wrong when its connection is cut, and the pool does not hand that one out again", async () => {
    const cut = transaction(database.pg, async (db) => {
      const [own] = await db.query("select pg_backend_pid() as pid");
      await database.pg.query("select pg_terminate_backend($1)", [own?.pid]);
      await db.query("select 1");
    });
    await expect(cut).rejects.toThrow(/terminat|connection/i);
    expect(await notes()).toEqual(["kept"]);
  });

  test("reads one snapshot when it is asked to", async () => {
    await transaction(
      database.pg,
      async (db) => {
        await db.query("select count(*) from note");
        await database.pg.query("insert into note (text) values ('later')");
        expect(await db.query("select text from note order by 1")).toEqual([{ text: "kept" }]);
      },
      "repeatable read",
    );
    expect(await notes()).toEqual(["kept", "later"]);
  });
});

describe("work that must not hang", () => {
  test("fails when nothing comes from the server any more, and what follows gets a connection of its own", async () => {
    const wire = await startMuteable(Number(new URL(cloned.url).port));
    const behind = await connect(throughPort(cloned.url, wire.port), { max: 1 });
    try {
      const pool = bounded(behind.pg, 300);
      const hung = transaction(pool, async (db) => {
        await db.query("insert into note (text) values ('hung')");
        wire.mute();
      });
      await expect(hung).rejects.toThrow(/connection terminated/i);
      expect((await pool.query("select count(*)::int as n from note where text = 'hung'")).rows).toEqual([{ n: 0 }]);
    } finally {
      wire.close();
      await behind.end();
    }
  });

  test("leaves alone what keeps to the limit, and the pool itself has none", async () => {
    const pool = bounded(database.pg, 300);
    expect(await transaction(pool, (db) => db.query("select 1 as one"))).toEqual([{ one: 1 }]);
    await expect(pool.query("select nonsense")).rejects.toMatchObject({ code: "42703" });
    expect((await database.pg.query("select 'slow' as slow from pg_sleep(0.5)")).rows).toEqual([{ slow: "slow" }]);
    await expect(pool.query("select pg_sleep(60)")).rejects.toThrow(/connection terminated/i);
    expect(database.pg.idleCount).toBe(database.pg.totalCount);
  });
});

/** A stretch of network before a port, whose open connections can be made to swallow everything. */
async function startMuteable(target: number): Promise<{ port: number; mute: () => void; close: () => void }> {
  const open = new Set<{ sockets: Socket[]; muted: boolean }>();
  const server = createServer((near) => {
    const far = createConnection(target, "127.0.0.1");
    const pair = { sockets: [near, far], muted: false };
    open.add(pair);
    const carry = (from: Socket, to: Socket): void => {
      from.on("error", () => {}).on("data", (bytes) => pair.muted || to.write(bytes));
      from.on("close", () => pair.muted || to.destroy());
    };
    carry(near, far);
    carry(far, near);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    mute: () => {
      for (const pair of open) pair.muted = true;
    },
    close: () => {
      server.close();
      for (const { sockets } of open) for (const socket of sockets) socket.destroy();
    },
  };
}

function throughPort(url: string, port: number): string {
  const address = new URL(url);
  address.port = String(port);
  return address.toString();
}

function closedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
