import { access, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { declareSource, type Received, readReceived, take } from "@jukebase/events";
import { type Config, pgExecutor } from "@jukebase/platform";
import { auditTrail } from "@jukebase/platform/audit.ts";
import { fixedClock, type TestDatabase, testDatabase } from "@jukebase/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { changeMasterKey } from "./change-master-key.ts";
import { type Jukebase, openJukebase } from "./open.ts";

const keyA = Buffer.alloc(32, 1).toString("base64");
const keyB = Buffer.alloc(32, 2).toString("base64");

let database: TestDatabase;
let home: string;
let open: Jukebase[];

beforeEach(async () => {
  database = await testDatabase();
  home = await mkdtemp(`${tmpdir()}/jukebase-key-`);
  open = [];
});
afterEach(async () => {
  for (const each of open) await each.close();
  await database?.drop();
  await rm(home, { recursive: true });
});

type Opened = { readonly jukebase: Jukebase; readonly said: string[] };

async function opened(more: Partial<Config> = {}): Promise<Opened> {
  const said: string[] = [];
  const config: Config = {
    home,
    databaseUrl: database.url,
    key: undefined,
    host: "127.0.0.1",
    apiPort: 0,
    adminPort: 0,
    logLevel: "silent",
    ...more,
  };
  const jukebase = await openJukebase(config, {
    clock: fixedClock("2026-01-01T00:00:00Z"),
    connections: 2,
    say: (line) => said.push(line),
  });
  open.push(jukebase);
  return { jukebase, said };
}

const keyFile = (): Promise<string> => readFile(`${home}/master.key`, "utf8");
const isThere = (name: string): Promise<boolean> =>
  access(`${home}/${name}`).then(
    () => true,
    () => false,
  );
const cut =
  (when: "file" | "database") =>
  (after: "file" | "database"): void => {
    if (after === when) throw new Error(`cut short after the ${when}`);
  };

// What shows that nothing but the master key changed: the same event again is a duplicate.
async function outcome({ jukebase }: Opened): Promise<string | undefined> {
  const source = await declareSource(pgExecutor(jukebase.database.pg), "shop");
  const event = {
    type: "Sale.CustomerRegistered",
    id: "c",
    data: { CustomerId: 1, CustomerName: "A", CustomerEmail: "a@example.com", OccurredAt: "2025-01-01" },
  };
  const received: Received[] = [];
  for await (const item of readReceived(bytes(JSON.stringify(event)), { format: "ndjson" })) received.push(item);
  return (await take(jukebase, received, { source }))[0]?.outcome;
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

describe("the installation's own key file", () => {
  test("is made once, readable by its owner alone", async () => {
    const first = await opened();
    expect(first.said.join()).toContain("Made a master key");
    expect((await stat(`${home}/master.key`)).mode & 0o777).toBe(0o600);
    const made = await keyFile();
    expect((await opened()).said.join()).not.toContain("master key");
    expect(await keyFile()).toBe(made);
  });

  test("that is missing is not made anew over a database that has a key", async () => {
    const { jukebase } = await opened();
    await rm(`${home}/master.key`);
    await expect(opened()).rejects.toThrow(
      `This database was sealed with the master key of fingerprint ${jukebase.keys.fingerprint}, and ${home}/master.key is not there.`,
    );
    expect(await isThere("master.key")).toBe(false);
  });

  test("is replaced by a change of the key; the one before is kept beside it, and nothing known is forgotten", async () => {
    const before = await opened();
    const old = await keyFile();
    expect(await outcome(before)).toBe("accepted");
    const changed = await changeMasterKey(before.jukebase, keyB, "cli:test");
    expect(changed).toMatchObject({
      before: before.jukebase.keys.fingerprint,
      file: `${home}/master.key`,
      old: `${home}/master.key.old`,
    });
    expect([await keyFile(), await readFile(changed.old as string, "utf8"), await isThere("master.key.next")]).toEqual([
      `${keyB}\n`,
      old,
      false,
    ]);
    expect((await stat(changed.old as string)).mode & 0o777).toBe(0o600);
    expect(await outcome(await opened())).toBe("duplicate");
    expect(await outcome(before)).toBe("duplicate");
    const [entry] = await auditTrail(pgExecutor(before.jukebase.database.pg), { action: "privacy.rotate-master" });
    expect(entry).toMatchObject({
      actor: "cli:test",
      before: { fingerprint: changed.before },
      after: { fingerprint: changed.fingerprint },
    });
  });

  test("opens with the old key when the change was cut short before the database had it, and says so", async () => {
    const before = await opened();
    const old = await keyFile();
    await outcome(before);
    await expect(changeMasterKey(before.jukebase, keyB, "cli:test", cut("file"))).rejects.toThrow("cut short");
    const again = await opened();
    expect(again.said.join("\n")).toContain(`The master key was to be changed and was not: ${home}/master.key is still the one`);
    expect(await outcome(again)).toBe("duplicate");
    expect(await keyFile()).toBe(old);
    await changeMasterKey(again.jukebase, keyA, "cli:test");
    expect(await keyFile()).toBe(`${keyA}\n`);
    expect(await outcome(await opened())).toBe("duplicate");
  });

  test("opens with the new key when the change was cut short after the database had it, puts it in place, and says so", async () => {
    const before = await opened();
    const old = await keyFile();
    await outcome(before);
    await expect(changeMasterKey(before.jukebase, keyB, "cli:test", cut("database"))).rejects.toThrow("cut short");
    expect(await keyFile()).toBe(old);
    const again = await opened();
    expect(again.said.join("\n")).toContain("Finished changing the master key, which had been cut short");
    expect(await outcome(again)).toBe("duplicate");
    expect([await keyFile(), await readFile(`${home}/master.key.old`, "utf8")]).toEqual([`${keyB}\n`, old]);
    expect((await opened()).said.join()).not.toContain("master key");
  });
});

describe("a key of the environment", () => {
  test("may stand in a file, which is read and never written", async () => {
    await writeFile(`${home}/secret`, ` ${keyA}\n`);
    const first = await opened({ keyFile: `${home}/secret` });
    expect(await isThere("master.key")).toBe(false);
    const changed = await changeMasterKey(first.jukebase, keyB, "cli:test");
    expect(changed.file).toBeUndefined();
    expect(await readFile(`${home}/secret`, "utf8")).toBe(` ${keyA}\n`);
    await expect(opened({ keyFile: `${home}/secret` })).rejects.toThrow(
      "The master key given is the one before it was changed on 2026-01-01.",
    );
    expect((await opened({ key: keyB })).jukebase.keys.fingerprint).toBe(changed.fingerprint);
  });

  test("in a file that is not there is refused with its name", async () => {
    await expect(opened({ keyFile: `${home}/none` })).rejects.toThrow(/cannot be read from JUKEBASE_KEY_FILE: .*none/);
  });

  test("that is none, or the one in use, changes nothing", async () => {
    const { jukebase } = await opened({ key: keyA });
    await expect(changeMasterKey(jukebase, "short", "cli:test")).rejects.toMatchObject({ name: "Invalid" });
    await expect(changeMasterKey(jukebase, keyA, "cli:test")).rejects.toThrow("That is the master key in use");
    await opened({ key: keyA });
  });
});
