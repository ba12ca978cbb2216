import { describe, expect, test } from "vitest";
import { defineEvent, type EventDefinition } from "./define.ts";
import { contractMarkdown, describeContract, jsonSchema } from "./describe.ts";
import { currency, id, money, nested, occurredAt, personal, text } from "./fields/index.ts";
import { plain } from "./fields/readings.testing.ts";
import { checkBody, contractRegistry } from "./registry.ts";
import { sampleContract } from "./sample.testing.ts";
import type { Fields } from "./shape.ts";

const thing = (fields: Fields, more: Partial<EventDefinition> = {}) =>
  defineEvent({
    type: "Test.Thing",
    description: "A thing.",
    naturalKey: "thing_id",
    ...more,
    versions: { 1: { fields: { ThingId: id("The thing."), OccurredAt: occurredAt(), ...fields } } },
  });

describe("a contract that contradicts itself is refused at start-up", () => {
  test.each([
    ["an amount without its currency field", () => thing({ Price: money("The price.") }), "currency field"],
    ["PII of nobody", () => thing({ Phone: personal("phone", text("The phone.")) }), "needs a subject"],
    ["two columns of one name", () => thing({ Group: nested("A group.", { ThingId: id("Again.") }) }), "two view columns"],
    ["a column of the log's", () => thing({ Source: text("The source.") }), "two view columns"],
    ["a natural key that is no column", () => thing({}, { naturalKey: "id" }), "no view column id"],
    ["a parent that is no column", () => thing({}, { refers: [{ kind: "song", column: "song_id" }] }), "no view column song_id"],
    ["a type with a quote", () => thing({}, { type: "Test.Th'ing" }), "plain event type"],
    ["a field with a quote", () => thing({ "a'b": text("Odd.") }), "plain name"],
  ])("%s", (_, define, message) => {
    expect(define).toThrow(message);
  });

  test("a sound one is not", () => {
    const contract = thing({ Price: money("The price."), Currency: currency("Of Price.").optional() });
    expect(contract.columns.map(({ name }) => name)).toEqual(["thing_id", "price", "currency"]);
  });
});

describe("the description of a contract", () => {
  test("lists each version's fields with path, rule, PII and view column", () => {
    const [first, second] = describeContract(sampleContract).versions;
    expect(first?.fields.find(({ path }) => path === "$.Minutes")).toMatchObject({ required: false, column: undefined });
    expect(second?.fields.find(({ path }) => path === "$.Line.Price")).toMatchObject({
      required: true,
      pii: false,
      column: "price",
    });
    expect(second?.fields.find(({ path }) => path === "$.RenterEmail")).toMatchObject({ required: false, pii: true });
  });

  test("is a page of markdown, newest version first", () => {
    const page = contractMarkdown(sampleContract);
    expect(page).toMatch(/^## Test\.DeviceRented\n\nA device was rented\.\n\nParents: waits for its line\.\n\n### Version 2/);
    expect(page).toContain("| `$.Line.Price` | yes | An amount, more than zero");
  });

  test("is a JSON Schema of what may be sent, its descriptions the rules", () => {
    const schema = jsonSchema(thing({ Name: text("The name.").optional() }), 1);
    expect(schema).toMatchObject({
      title: "Test.Thing version 1",
      type: "object",
      required: ["ThingId"],
      properties: { ThingId: { description: expect.stringContaining("becomes trimmed text") } },
    });
    expect(JSON.stringify(jsonSchema(sampleContract))).toContain('"Rental"');
  });
});

describe("the registry of contracts", () => {
  const registry = contractRegistry([sampleContract]);

  test("takes one contract per type", () => {
    expect(() => contractRegistry([sampleContract, sampleContract])).toThrow("two contracts are called Test.DeviceRented");
  });

  test("judges a body by the contract of its type", () => {
    const data = { RentalId: 5, Line: { Price: 5, Title: "x" } };
    expect(checkBody(registry, { type: "Test.DeviceRented", time: "2020-12-31", data }, plain)).toMatchObject({
      ok: true,
      contract: sampleContract,
      value: { version: 1 },
    });
  });

  test.each(["test.DeviceRented", undefined, 7])("names the known types to an envelope of type %s", (type) => {
    const judgement = checkBody(registry, { type, data: {} }, plain);
    expect(judgement).toMatchObject({ ok: false, issues: [{ path: "$.type", code: "unknown-type" }] });
    expect(judgement.ok ? "" : judgement.issues[0]?.rule).toContain("Test.DeviceRented");
  });
});
