import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { columnsOf } from "./columns.ts";
import { plain } from "./fields/readings.testing.ts";
import { sampleContract } from "./sample.testing.ts";

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await testDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

const common = {
  RentalId: 5,
  RenterBorn: "1987-06-05",
  Line: { Price: "$1,250.50", Title: "It's {ten}" },
  OccurredAt: "01/01/01",
};

test.each([
  ["of version 1", { ...common, Minutes: 3 }, 1],
  ["of version 1 without what version 2 makes of it", common, 1],
  ["of version 2", { ...common, Length: "4:18", Noise: 0.25, Loud: 1, Grade: "bad", Back: "31/12/2024" }, 2],
])("an event %s has one row, in SQL as in JavaScript", async (_, body, version) => {
  const result = sampleContract.normalise(body, version, undefined, plain);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  const { data, occurredAt } = result.value;
  expect(await sqlRow(data, version, occurredAt)).toEqual(asText(columnsOf(sampleContract, data, version)));
});

const sqlRow = async (data: object, version: number, occurredAt: string): Promise<Record<string, unknown> | undefined> => {
  const relation = `(
    select uuidv7() as log_id, uuidv7() as event_key, type, 's' as source, 's' as namespace, '1' as event_id,
      $1::timestamptz as occurred_at, now() as recorded_at, $2::smallint as version, $3::jsonb as data
    from (values ('Test.DeviceRented'), ('Test.Other')) as kind (type)
  ) as entry`;
  const columns = sampleContract.columns.map(({ name }) => `${name}::text`).join(", ");
  const text = `select ${columns} from (${sampleContract.select(relation)}) as typed`;
  const { rows } = await client.query(text, [occurredAt, version, JSON.stringify(data)]);
  expect(rows).toHaveLength(1);
  return rows[0];
};

const asText = (row: Record<string, unknown>): Record<string, string | null> =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]));
