import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { load } from "./load.ts";
import { openTestLog, project, send, type TestLog } from "./log.testing.ts";
import { fixQuarantine } from "./mend.ts";
import { replay } from "./replay.ts";
import { joined, retracted, visited } from "./shop.testing.ts";
import { readReceived } from "./sources/index.ts";
import { dayKey, reveal, unseal } from "./vault.ts";

let log: TestLog;

beforeAll(async () => {
  log = await openTestLog();
});
beforeEach(() => log.empty());
afterAll(() => log?.close());

const phone = "555-canary-phone";
const email = "canary.person@example.com";
const stray = "canary-in-a-field-nobody-knows";

describe("what tells of a person", () => {
  test("is a token in the log, and stands only in the vault", async () => {
    const source = await log.source({ namespace: "shared" });
    await send(log, source, joined("m", { id: "j" }, { Phone: phone, Email: email }));
    const [event] = (await log.rows("select data from events.log")) as { data: Record<string, string> }[];
    const { Phone, Email, EmailDomain } = event?.data ?? {};
    expect([Phone, Email]).toEqual([expect.stringMatching(/^tok_[\w-]{27}$/), expect.stringMatching(/^tok_[\w-]{27}$/)]);
    expect(Phone).not.toBe(Email);
    expect(EmailDomain).toBe("example.com");
    expect([await reveal(log.db, log.keys, Phone as string), await reveal(log.db, log.keys, Email as string)]).toEqual([
      phone,
      email,
    ]);
    expect(await log.rows("select subject, field from vault.value order by field")).toEqual([
      { subject: "member:shared:m", field: "$.Email" },
      { subject: "member:shared:m", field: "$.Phone" },
    ]);
  });

  test("is not among the sent forms, even where normalising changed it", async () => {
    await send(log, await log.source(), joined(" m ", { id: "j" }, { MemberName: "M", Phone: `  ${phone}  ` }));
    expect(await log.rows("select sent from events.log")).toEqual([{ sent: { "$.MemberId": " m " } }]);
  });

  test("is not kept again for a duplicate, nor for a conflict", async () => {
    const source = await log.source();
    await send(log, source, joined("m", { id: "j" }, { Phone: phone }));
    await send(log, source, joined("m", { id: "j" }, { Phone: phone }), joined("m", { id: "j" }, { Phone: "another" }));
    expect(await log.rows("select count(*) as n from vault.value")).toEqual([{ n: 1 }]);
  });

  test("is gone for good when the subject's rows in the vault are, and the log stands", async () => {
    const source = await log.source();
    await send(log, source, joined("m", { id: "j" }, { Phone: phone }));
    await log.rows("delete from vault.value where subject = $1", [`member:${source.source}:m`]);
    const [event] = await log.rows("select data ->> 'Phone' as token from events.log");
    expect(await reveal(log.db, log.keys, event?.token as string)).toBeUndefined();
    expect(await project(log)).toMatchObject({ events: 1, parked: 0 });
  });
});

describe("a field that no contract names", () => {
  test("is kept only sealed, under the key of its day", async () => {
    await send(log, await log.source(), joined("m", { id: "j" }, { Remark: stray, Nested: { Deep: 1 } }));
    const [event] = await log.rows("select data, unknown, unknown_day from events.log");
    expect(Object.keys(event?.data as object).sort()).toEqual(["MemberId", "MemberName", "OccurredAt"]);
    expect(event?.unknown_day).toBe("2025-03-01");
    const key = await dayKey(log.db, log.keys, "2025-03-01", false);
    expect(JSON.parse(unseal(key as Buffer, event?.unknown as Buffer).toString())).toEqual({
      Remark: stray,
      Nested: { Deep: 1 },
    });
  });

  test("of a retraction is kept sealed too", async () => {
    await send(log, await log.source(), retracted("x", { id: "r", data: { Reason: stray } }));
    const [event] = await log.rows("select data, unknown_day from events.log");
    expect(event).toEqual({ data: {}, unknown_day: "2025-03-01" });
  });
});

test("whatever is sent, in whatever state: no column of any table but the sealed ones tells it", async () => {
  const source = await log.source();
  await send(log, source, joined("m", { id: "j" }, { Phone: phone, Email: email, Remark: stray }));
  await send(log, source, joined("m", { id: "j" }, { Phone: phone, Email: "canary.other@example.com" }));
  await send(log, source, joined("m", { id: "broken" }, { MemberName: "", Phone: phone, Email: email, Remark: stray }));
  await load(
    log,
    readReceived(bytesOf(`{"type":"Shop.MemberJoined","id":"cut","data":{"Phone":"${phone}","Remark":"${stray}`), {
      format: "ndjson",
    }),
    {
      source,
      name: "members.ndjson",
    },
  );
  const [held] = await log.rows("select quarantine_id from events.quarantine where event_id = 'broken'");
  await fixQuarantine(
    log,
    held?.quarantine_id as string,
    JSON.stringify(joined("n", { id: "mended" }, { Phone: phone, Email: email, Remark: stray })),
  );
  await replay(log, {});
  await send(
    log,
    source,
    visited("m", { id: "v" }, { Minutes: phone }),
    joined("m", { id: "a", amends: "j" }, { Phone: `${phone} again` }),
  );
  await project(log);
  expect(await tablesThatTell(/canary/i)).toEqual([]);
  expect(await tablesThatTell(/Name m/)).toEqual(["events.log", "shop.joining", "shop.member"]); // The net has no hole.
});

async function tablesThatTell(secret: RegExp): Promise<string[]> {
  const tables = await log.rows(
    `select table_schema || '.' || table_name as name
     from information_schema.tables
     where table_schema in ('events', 'vault', 'shop', 'platform') and table_type = 'BASE TABLE' and table_name !~ '^log_'
     order by 1`,
  );
  const telling: string[] = [];
  for (const { name } of tables) {
    const rows = await log.rows(`select row.*::text as text, to_jsonb(row) as cells from ${name} as row`);
    const cells = rows.flatMap(({ cells }) => Object.values(cells as object)).map(plainOf);
    if ([...rows.map(({ text }) => String(text)), ...cells].some((text) => secret.test(text))) telling.push(name as string);
  }
  return telling;
}

// Bytes come as hex; what was stored unsealed would read as text again.
function plainOf(cell: unknown): string {
  const hex = typeof cell === "string" ? /^\\x([0-9a-f]*)$/.exec(cell)?.[1] : undefined;
  return hex === undefined ? JSON.stringify(cell) : Buffer.from(hex, "hex").toString("latin1");
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
