import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { declareSource, take } from "@jukebase/events";
import type { RunEvent } from "@jukebase/marts/openlineage/run-event.ts";
import { facetsOf } from "@jukebase/marts/openlineage/sample-emitter.testing.ts";
import { complaintsOfOpenLineage, hasSchemas, onlyWithSchemas } from "@jukebase/marts/schemas.testing.ts";
import { pgExecutor } from "@jukebase/platform";
import { sales } from "@jukebase/sales";
import { testDatabase } from "@jukebase/testing";
import { beforeAll, expect, test } from "vitest";
import { catchUp } from "./catch-up.ts";
import { openedForTest } from "./opened.testing.ts";

let events: readonly RunEvent[];

beforeAll(async () => {
  const folder = await mkdtemp(`${tmpdir()}/jukebase-lineage-`);
  const openLineage = { namespace: "shop", file: `${folder}/events.ndjson` };
  const { jukebase, close } = await openedForTest({ domains: [sales] }, { openLineage }, testDatabase);
  const source = await declareSource(pgExecutor(jukebase.database.pg), "till");
  const envelope = { type: "Payment.PaymentReceived", id: "p-1", data: { PaymentAmount: 150, OccurredAt: "2025-01-21" } };
  const bytes = Buffer.from(JSON.stringify(envelope));
  await take(jukebase, [{ line: 1, end: 0, bytes, outcome: { ok: true, envelope } }], { source });
  await catchUp(jukebase);
  await close();
  events = (await readFile(openLineage.file, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as RunEvent);
  await rm(folder, { recursive: true });
});

const told = (type: string) => events.filter(({ eventType }) => eventType === type).map(({ job }) => job.name);

test("opening an installation tells of every mart that it builds, a refresh of those that changed", () => {
  const marts = sales.marts.map(({ name }) => `marts.${name}`);
  const built = told("COMPLETE").slice(0, told("COMPLETE").indexOf("marts.build"));
  expect(built.toSorted()).toEqual(marts.toSorted());
  expect(told("START").toSorted()).toEqual(told("COMPLETE").toSorted());
  expect(told("COMPLETE").slice(built.length)).toEqual(["marts.build", "marts.fct_payments", "marts.refresh"]);
});

test("each column is told with what it is made of, as the server knows it", () => {
  const sale = events.findLast(({ job, eventType }) => job.name === "marts.fct_sales" && eventType === "COMPLETE");
  const lineage = sale?.outputs[0]?.facets?.columnLineage?.fields as Record<string, { inputFields: object[] }>;
  expect(Object.keys(lineage).toSorted()).toEqual(
    Object.keys(sales.marts.find(({ name }) => name === "fct_sales")?.row.shape ?? {}).toSorted(),
  );
  expect(lineage.customer_name?.inputFields).toContainEqual(
    expect.objectContaining({
      name: expect.stringMatching(/\.sales\.customer$/),
      field: "customer_name",
      transformations: [{ type: "DIRECT", subtype: "IDENTITY", masking: false }],
    }),
  );
});

test.skipIf(!hasSchemas)(`every event keeps OpenLineage's own schema${onlyWithSchemas}`, () => {
  for (const event of events) {
    expect(complaintsOfOpenLineage(event.schemaURL, event)).toEqual([]);
    for (const facet of facetsOf(event)) expect(complaintsOfOpenLineage(facet._schemaURL, facet)).toEqual([]);
  }
});
