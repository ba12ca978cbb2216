import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtDatabase } from "@jukebase/domains/built.testing.ts";
import type { TestDatabase } from "@jukebase/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerOf, called, type Ran, spawned } from "./commands.testing.ts";

let database: TestDatabase;
let home: string;

const env = (more: Record<string, string> = {}): Record<string, string> => ({
  DATABASE_URL: database.url,
  JUKEBASE_HOME: home,
  ...more,
});
const run = (...args: readonly string[]): Promise<Ran> => called(args, env());
const json = async (...args: readonly string[]): Promise<unknown> => answerOf(await run(...args, "--json"));

const customer = (id: string, phone: string, more: object = {}): string =>
  JSON.stringify({
    id: `customer ${id}`,
    type: "Sale.CustomerRegistered",
    data: { CustomerId: id, CustomerName: `Customer ${id}`, CustomerPhoneNumber: phone, OccurredAt: "2026-01-01", ...more },
  });

beforeAll(async () => {
  database = await builtDatabase();
  home = await mkdtemp(join(tmpdir(), "jukebase-privacy-"));
  const file = join(home, "customers.ndjson");
  const lines = [
    customer("1", "555-0001"),
    customer("2", "555-0002"),
    customer("1", "", { CustomerName: "", Remark: "555-0001" }).replace("customer 1", "broken"),
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  await run("ingest", file, "--source", "shop");
});

afterAll(async () => {
  await database.drop();
  await rm(home, { recursive: true, force: true });
});

describe("jukebase privacy", () => {
  test("status counts subjects, values, keys and days", async () => {
    expect(await json("privacy", "status")).toMatchObject({
      subjects: 2,
      values: 2,
      erased: 0,
      generations: [{ generation: 1, subjects: 2 }],
    });
    const { stdout } = await run("privacy", "status");
    expect(stdout).toContain("2 subjects with 2 values; 0 erased");
    expect(stdout).toMatch(/1 days have keys, the oldest \d{4}-\d\d-\d\d; the next goes on \d{4}-\d\d-\d\d \(after 90 days\)\./);
  });

  test("export gives one document, to standard output or to a file of one's own", async () => {
    expect(await json("privacy", "export", "customer:shop:1")).toMatchObject({
      subject: "customer:shop:1",
      events: [{ event_id: "customer 1", personal: { "$.CustomerPhoneNumber": "555-0001" } }],
      values: [{ field: "$.CustomerPhoneNumber", value: "555-0001" }],
      quarantine: [{ status: "open" }],
    });
    const file = join(home, "one.json");
    const told = await run("privacy", "export", "customer:1", "--source", "shop", "--out", file);
    expect(told.stdout).toBe(`Wrote 1 values and 1 events of customer:shop:1 to ${file}.\n`);
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ subject: "customer:shop:1" });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test("reveal gives values for a purpose", async () => {
    const { values } = (await json("privacy", "export", "customer:shop:2")) as { values: { token: string }[] };
    const token = values[0]?.token as string;
    expect(await json("privacy", "reveal", token, "--purpose", "to call back")).toEqual({ values: { [token]: "555-0002" } });
    expect((await run("privacy", "reveal", token)).code).toBe(2);
    expect((await run("privacy", "reveal", "tok_none", "--purpose", "to call back")).code).toBe(4);
  });

  test("rotate renews the keys, and is done when it says so", async () => {
    expect(await json("privacy", "rotate")).toMatchObject({ generation: 2, subjects: 2, generations: 1, resumed: false });
    expect((await run("privacy", "rotate")).stdout).toBe(
      "Generation 3 seals 2 subjects' keys; 0 values of old were given their subjects'.\n",
    );
  });

  test("erase says first what it will do, and does nothing where nobody says yes", async () => {
    const asked = await run("privacy", "erase", "customer:shop:1", "--why", "asked");
    expect(asked.code).toBe(2);
    expect(asked.stdout).toBe(
      [
        "Of customer:shop:1:",
        "  1 × $.CustomerPhoneNumber in the vault: deleted, with the key",
        "  1 events: stay, with tokens that lead nowhere; no number changes",
        "  0 log entries with sealed unknown fields: those are taken out",
        "  1 open quarantined events: expired, their bytes deleted; of 0 resolved ones the bytes too",
        "",
      ].join("\n"),
    );
    expect(asked.stderr).toContain("Nothing was erased. Give --yes");
    expect(await json("privacy", "status")).toMatchObject({ subjects: 2, erased: 0 });
  });

  test("erase with --yes prints a certificate; exit codes tell what was wrong otherwise", async () => {
    const certificate = await json("privacy", "erase", "customer:shop:1", "--why", "asked by letter", "--yes");
    expect(certificate).toMatchObject({
      ...{ subject: "customer:shop:1", why: "asked by letter", events: 1, quarantine: { open: 1, resolved: 0 } },
      values: { "$.CustomerPhoneNumber": 1 },
      audit: { head: expect.stringMatching(/^[0-9a-f]{64}$/) },
      erased_by: expect.stringMatching(/^cli:./),
    });
    const wrong: [number, string[]][] = [
      [4, ["customer:shop:99", "--why", "asked", "--yes"]],
      [4, ["customer:99", "--source", "nobody", "--why", "asked", "--yes"]],
      [2, ["agent:shop:1", "--why", "asked", "--yes"]],
      [2, ["customer:1", "--why", "asked", "--yes"]],
      [2, ["customer:shop:2", "--yes"]],
      [2, ["customer:shop:2", "--why", " ", "--yes"]],
    ];
    for (const [code, args] of wrong) expect((await run("privacy", "erase", ...args)).code, args.join(" ")).toBe(code);
    expect(await json("privacy", "status")).toMatchObject({ subjects: 1, values: 1, erased: 1 });
    expect(await json("doctor")).toMatchObject({
      holds: true,
      sources: [{ received: 3, logged: 2, in_quarantine: 0, expired: 1 }],
    });
  });

  test("expire deletes nothing before its time", async () => {
    expect(await json("privacy", "expire")).toEqual({ days: 0, items: 0 });
  });

  test("status and doctor say what expires soon, and expire lets it", async () => {
    await writeFile(join(home, "broken.ndjson"), `${customer("3", "", { CustomerName: "" })}\n`);
    await run("ingest", join(home, "broken.ndjson"), "--source", "shop");
    const short = (days: string): Record<string, string> => env({ JUKEBASE_SEALED_DAYS: days });
    const doctor = answerOf(await called(["doctor", "--json"], short("7"))) as { findings: { what: string; next: string }[] };
    expect(doctor.findings).toContainEqual({
      what: expect.stringMatching(/^1 quarantined events of Sale\.CustomerRegistered \(empty\) expire soon, the first on \d{4}-/),
      next: "Mend and replay, or discard them: jukebase quarantine list --reason empty",
    });
    const { stdout } = await called(["privacy", "status"], short("7"));
    expect(stdout).toContain("Quarantined events that nobody can read any more soon:");
    expect((await run("privacy", "status")).stdout).not.toContain("any more soon");
    expect((await called(["privacy", "expire"], short("0"))).code).toBe(2);
  });
});

describe("jukebase privacy rotate-master", () => {
  test("refuses to guess", async () => {
    expect((await run("privacy", "rotate-master")).stderr).toContain("Say which key is the next");
    expect((await run("privacy", "rotate-master", "--generate", "--new-key-file", "x")).code).toBe(2);
    expect((await run("privacy", "rotate-master", "--new-key-file", "/nowhere/key")).code).toBe(4);
  });

  test("makes a key and puts it in place; the database goes on as before", async () => {
    const old = await readFile(join(home, "master.key"), "utf8");
    const { stdout } = await run("privacy", "rotate-master", "--generate");
    expect(stdout).toContain(`It is in ${home}/master.key: back it up.`);
    expect(await readFile(join(home, "master.key"), "utf8")).not.toBe(old);
    expect(await json("privacy", "status")).toMatchObject({ subjects: 1, master_key: { changed_at: expect.any(String) } });
    await writeFile(join(home, "again.ndjson"), `${customer("2", "555-0002")}\n`);
    expect(await json("ingest", join(home, "again.ndjson"), "--source", "shop")).toMatchObject({ loads: [{ duplicates: 1 }] });
  });

  test("takes the next key from the environment, and then opens with that alone", async () => {
    const next = Buffer.alloc(32, 9).toString("base64");
    const now = (await readFile(join(home, "master.key"), "utf8")).trim();
    await writeFile(join(home, "mounted"), now);
    const mounted = { JUKEBASE_KEY_FILE: join(home, "mounted") };
    expect((await called(["privacy", "rotate-master", "--generate"], env(mounted))).stderr).toContain(
      "yours comes from the environment",
    );
    const told = await called(["privacy", "rotate-master"], env({ ...mounted, JUKEBASE_NEW_KEY: next }));
    expect(told.stdout).toContain("Put it into the file that JUKEBASE_KEY_FILE names");
    const refused = await spawned(["privacy", "status"], env(mounted));
    expect({ code: refused.code, stderr: refused.stderr }).toEqual({
      code: 5,
      stderr: expect.stringContaining("is the one before it was changed on"),
    });
    expect((await called(["privacy", "status"], env({ JUKEBASE_KEY: next }))).code).toBe(0);
  });
});
