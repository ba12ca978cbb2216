import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catchUp } from "../packages/domains/catch-up.ts";
import { domains } from "../packages/domains/index.ts";
import { forgetAll } from "../packages/domains/laws/world.ts";
import { type OpenedForTest, openedForTest } from "../packages/domains/opened.testing.ts";
import { declareSource, load, readReceived } from "../packages/events/index.ts";
import { examineReader } from "../packages/marts/bi/examine.ts";
import { type Eavesdropper, eavesdrop, plantTelltale } from "../packages/marts/bi/leaks.testing.ts";
import { makePassword } from "../packages/marts/bi/password.ts";
import { createReader, dropReader, type Reader } from "../packages/marts/bi/readers.ts";
import { maskAs } from "../packages/marts/masks.ts";
import { sampleMart } from "../packages/marts/sample-marts.ts";
import { columnsIn } from "../packages/marts/store.ts";
import { type Domain, type Executor, type Mart, pgExecutor } from "../packages/platform/index.ts";
import { differing, look, type Person, personalFields, type Seen, worldOf } from "./worlds-of-persons.ts";

// Worlds that differ in nothing but what contracts mark as personal: whatever column of whatever mart differs between them tells of persons,
// however many steps lie between. A reader must not see any difference at all.

const password = makePassword();
const by = { actor: "test", at: new Date("2026-01-01T00:00:00Z") };
const one: Reader = {
  name: `persons_${randomBytes(4).toString("hex")}`,
  tool: "psql",
  sensitive: false,
  groups: [],
  connections: 3,
  timeout_ms: 30_000,
};

let opened: OpenedForTest;
let db: Executor;
let reader: Eavesdropper;
let forgotten: Mart;
let real: readonly Mart[];
const seenByOwner: Seen[] = [];
const seenByReader: Seen[] = [];
/** `mart.column` → values that a reader must not learn. */
const secrets = new Map<string, Set<string>>();

beforeAll(async () => {
  forgotten = await forgottenMart();
  const domain: Domain = { name: "x", title: "X", events: [], projections: [], marts: [forgotten], checks: [], reports: [] };
  opened = await openedForTest({ domains: [...domains, domain] });
  const { pg } = opened.jukebase.database;
  db = pgExecutor(pg);
  real = opened.jukebase.marts.filter((mart) => mart !== forgotten);
  await createReader(pg, one, password, by);
  await plantTelltale(pg);
  reader = await eavesdrop(opened.database.url, one.name, password);
  for (const person of ["bob", "nobody", "ada"] as const) await enter(person);
});

afterAll(async () => {
  await reader?.end();
  await dropReader(opened.jukebase.database.pg, one.name, by);
  await opened.close();
});

describe("what contracts mark as personal", () => {
  test("is in these worlds, and every mart has a row in them: an empty one would prove nothing", () => {
    expect([...personalFields.keys()]).toEqual(["Sale.CustomerRegistered", "Sale.LocationRegistered"]);
    expect(real.filter(({ name }) => seenByOwner[0]?.get(name)?.size === 0).map(({ name }) => name)).toEqual([]);
  });

  test("reaches only columns of marts that are declared sensitive", () => {
    const reached = real.flatMap((mart) => differing(mart, seenByOwner).map((column) => `${mart.name}.${column}`));
    const declared = real.flatMap(({ name, sensitive = {} }) => Object.keys(sensitive).map((column) => `${name}.${column}`));
    expect(declared).toEqual(expect.arrayContaining(reached));
    expect(reached.sort()).toEqual(["dim_customers.birth_decade", "dim_customers.email_domain"]);
  });

  test("would be found in a mart that forgot to declare it, however it is computed", () => {
    expect(differing(forgotten, seenByReader).sort()).toEqual(["generation", "mails"]);
  });

  test("makes no difference to what a reader sees", () => {
    for (const mart of real) expect([mart.name, differing(mart, seenByReader)]).toEqual([mart.name, []]);
  });
});

describe("a reader", () => {
  test.each(domains.flatMap(({ marts }) => marts))(
    "is told nothing of persons by a function of its own over $name",
    async (mart) => {
      for (const { name: column } of await columnsIn(db, "marts", mart.name)) {
        const told = await reader.toldOf(`marts.${mart.name}`, column);
        expect(told.size > 0 || column in (mart.sensitive ?? {}) || (await isEmpty(mart, column))).toBe(true);
        const secret = secrets.get(`${mart.name}.${column}`) ?? new Set();
        expect([column, [...told].filter((value) => secret.has(value))]).toEqual([column, []]);
      }
    },
  );

  test("stands the examination", async () => {
    const { database, marts } = opened.jukebase;
    const { findings } = await examineReader(database.pg, one, { url: opened.database.url, marts }, by);
    expect(findings.filter(({ outcome, found }) => outcome !== "held" && !found.startsWith("may connect to"))).toEqual([]);
  });
});

async function enter(person: Person): Promise<void> {
  const { jukebase } = opened;
  await forgetAll(jukebase);
  const source = await declareSource(db, "till");
  const bytes = Buffer.from(
    worldOf(person)
      .map((event) => `${JSON.stringify(event)}\n`)
      .join(""),
  );
  const input = (async function* () {
    yield bytes;
  })();
  const { quarantined } = await load(jukebase, readReceived(input, { format: "ndjson" }), { source, name: "persons" });
  expect(quarantined).toBe(0);
  await catchUp(jukebase);
  const events = await db.query<{ id: string; event: string }>(
    "select log_id as id, source || '/' || event_id as event from events.log",
  );
  const names = new Map(events.map(({ id, event }) => [id, event]));
  seenByOwner.push(await look(jukebase.marts, (text) => jukebase.database.pg.query(text), names));
  seenByReader.push(await look(jukebase.marts, (text) => reader.client.query(text), names));
  for (const mart of real) await noteSecrets(mart);
}

async function noteSecrets(mart: Mart): Promise<void> {
  const types = new Map((await columnsIn(db, "marts", mart.name)).map(({ name, type }) => [name, type]));
  for (const [column, mask] of Object.entries(mart.sensitive ?? {})) {
    const rows = await db.query<{ value: string }>(
      `select ${column}::text as value
       from marts.${mart.name}
       where ${column} is distinct from ${maskAs(mask, types.get(column) ?? "text")}`,
    );
    const known = secrets.get(`${mart.name}.${column}`) ?? new Set();
    secrets.set(`${mart.name}.${column}`, new Set([...known, ...rows.map(({ value }) => value)]));
  }
}

async function isEmpty({ name }: Mart, column: string): Promise<boolean> {
  return (await db.query(`select from marts.${name} where ${column} is not null limit 1`)).length === 0;
}

function forgottenMart(): Promise<Mart> {
  const sql = `-- What nobody declared: an age, and whether there is mail.
select
  customer.customer_id,
  (2100 - customer.birth_decade) / 10 as generation,
  count(customer.email_domain) over () as mails
from
  sales.customer`;
  return sampleMart(sql, {
    name: "dim_forgotten_customers",
    kind: "view",
    columns: ["customer_id", "generation", "mails"],
    key: ["customer_id"],
    reads: { "sales.customer": null },
  });
}
