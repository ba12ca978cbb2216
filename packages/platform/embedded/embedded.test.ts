import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { filesOf } from "./cluster.ts";
import { type Cluster, embeddedStatus, startEmbedded, stopEmbedded } from "./index.ts";
import { freePort } from "./port.ts";
import { identityOf } from "./process.ts";

const settings = { fsync: "off", full_page_writes: "off", shared_buffers: "16MB" };

let folder: string;
let port: number;

// One folder for all: initdb takes a second. Each test leaves it stopped and whole; its name lets the next run clear it away
// when this one is killed (see packages/testing/embedded.ts).
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), `jukebase-test-${process.pid}-`));
  port = await freePort();
});

afterEach(() => stopEmbedded(folder, "immediate"));

afterAll(async () => {
  await rm((await embeddedStatus(folder)).folder, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
});

const start = (): Promise<Cluster> => startEmbedded({ folder, port, settings });

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {}); // The server is killed below us in some tests.
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe("embedded Postgres", () => {
  test("starts, keeps its data over a stop, and says where it is", async () => {
    const first = await start();
    expect(first).toMatchObject({ port, startedByUs: true });
    await query(first.url, "create table kept as select 'ä' as word");
    expect(await embeddedStatus(folder)).toEqual({ running: true, folder: first.folder, pid: first.pid, port });
    expect(await stopEmbedded(folder)).toBe(true);
    expect(await stopEmbedded(folder)).toBe(false);
    expect(await embeddedStatus(folder)).toEqual({ running: false, folder: first.folder });
    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await query(second.url, "select word from kept")).toEqual([{ word: "ä" }]);
    expect((await stat(filesOf(first.folder).password)).mode & 0o777).toBe(0o600);
  });

  test("is Postgres 18 in UTF-8 and UTC, needs a password, and listens on this machine only", async () => {
    const { url } = await start();
    const shown = await query(
      url,
      `select current_setting('server_version_num')::int / 10000 as version, current_setting('timezone') as zone,
        current_setting('listen_addresses') as addresses, current_setting('wal_level') as wal, current_setting('fsync') as fsync,
        pg_encoding_to_char(encoding) as encoding, datlocale as locale from pg_database where datname = current_database()`,
    );
    expect(shown).toEqual([
      { version: 18, zone: "UTC", addresses: "127.0.0.1", wal: "logical", fsync: "off", encoding: "UTF8", locale: "C.UTF-8" },
    ]);
    await expect(query(url.replace(/:[^:@]*@/, ":wrong@"), "select 1")).rejects.toThrow(/password authentication failed/);
  });

  test("a second start finds the running server, and of two at once one starts it", async () => {
    const [one, other] = await Promise.all([start(), start()]);
    expect([one.startedByUs, other.startedByUs].sort()).toEqual([false, true]);
    expect(other.pid).toBe(one.pid);
    expect(await start()).toEqual({ ...one, startedByUs: false });
  });

  test("takes another port when its own is taken, and remembers it", async () => {
    const stranger = await listen(port);
    try {
      const cluster = await start();
      expect(cluster.port).not.toBe(port);
      await stopEmbedded(folder);
      expect((await startEmbedded({ folder, settings })).port).toBe(cluster.port);
    } finally {
      stranger.close();
    }
  });

  test("starts again after its server was killed, with all that was committed", async () => {
    const first = await start();
    await query(first.url, "create table survived as select generate_series(1, 1000) as n");
    process.kill(first.pid, "SIGKILL");
    while ((await identityOf(first.pid)) !== undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await readFile(filesOf(first.folder).pidFile, "utf8")).toContain(`${first.pid}`);
    expect((await embeddedStatus(folder)).running).toBe(false);
    const second = await start();
    expect(second.startedByUs).toBe(true);
    expect(await query(second.url, "select count(*)::int as rows from survived")).toEqual([{ rows: 1000 }]);
  });

  test("a pid file that names a stranger's process does not keep it from starting", async () => {
    const first = await start();
    await stopEmbedded(folder);
    const { pidFile } = filesOf(first.folder);
    await writeFile(pidFile, `${process.pid}\n${filesOf(first.folder).data}\n1\n${port}\n\n127.0.0.1\n`);
    expect((await start()).startedByUs).toBe(true);
  });

  test("data of an older Postgres is refused with a sentence", async () => {
    const { folder: place } = await start();
    await stopEmbedded(folder);
    await writeFile(filesOf(place).version, "17\n");
    await expect(start()).rejects.toThrow(/was written by Postgres 17, and this is Postgres 18/);
    await writeFile(filesOf(place).version, "18\n");
  });

  test("a setting that Postgres does not know is told in the server's own words", async () => {
    await expect(startEmbedded({ folder, port, settings: { ...settings, no_such_thing: 1 } })).rejects.toThrow(/no_such_thing/);
  });

  test("the lock of a dead process is taken over", async () => {
    await start();
    await stopEmbedded(folder);
    await mkdir(join(folder, "control.lock"));
    await writeFile(join(folder, "control.lock", "owner"), "4194303 1");
    expect((await start()).startedByUs).toBe(true);
  });
});

function listen(on: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(on, "127.0.0.1", () => resolve(server));
  });
}
