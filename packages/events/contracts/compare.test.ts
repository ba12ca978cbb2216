import type { EventContract } from "@jukebase/platform/contract.ts";
import { describe, expect, test } from "vitest";
import { compareContracts } from "./compare.ts";
import { defineEvent, type EventDefinition } from "./define.ts";
import { currency, decimal, id, integer, money, name, nested, occurredAt, oneOf, personal, text } from "./fields/index.ts";
import { sampleContract } from "./sample.testing.ts";
import { readSnapshot, snapshotOf, snapshotText } from "./snapshot.ts";
import { hasAny, type VersionDefinition } from "./version.ts";

const fields = {
  CupId: id("The cup."),
  Size: integer("How large.", { min: 1, max: 10 }).optional(),
  Kind: oneOf("What.", ["espresso", "tea"]),
  Guest: personal("name", text("Who drank it.")).optional(),
  Price: money("What it cost.", { sign: "not negative" }),
  Currency: currency("Of the price.").optional(),
  Place: nested("Where.", { Table: name("The table."), Chair: name("The chair.").optional() }).optional(),
  OccurredAt: occurredAt(),
};
type Fields = Record<string, VersionDefinition["fields"][string]>;

const cup = (versions: EventDefinition["versions"], more: Partial<EventDefinition> = {}): EventContract =>
  defineEvent({
    type: "Bar.CupServed",
    description: "A cup was served.",
    naturalKey: "cup_id",
    subject: { kind: "guest", field: "CupId" },
    ...more,
    versions,
  });
const released = cup({ 1: { fields } });
const without = (...names: string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([key]) => !names.includes(key)));

// As a release is read back: what a file cannot hold is not compared.
const compared = (today: readonly EventContract[], before: readonly EventContract[] = [released]) =>
  compareContracts(readSnapshot(snapshotText(snapshotOf(before)), "a test's release"), today);
const reaches = (today: EventContract) =>
  compared([today]).map(({ path, reach, refusal }) => `${path ?? "-"} ${reach}${refusal === undefined ? "" : " refused"}`);

test("nothing is different from itself, the sample with every kind of field included", () => {
  expect(compared([released, sampleContract], [released, sampleContract])).toEqual([]);
});

describe("within a released version", () => {
  test.each<[string, Fields, Partial<VersionDefinition>, string[]]>([
    ["a new optional field is an addition", { ...fields, Milk: text("Milk.").optional() }, { addition: 1 }, ["$.Milk addition"]],
    [
      "a new optional group is one addition, whatever it needs inside",
      { ...fields, Sugar: nested("Sugar.", { Lumps: integer("How many.") }).optional() },
      { addition: 1 },
      ["$.Sugar addition"],
    ],
    ["a new required field breaks", { ...fields, Milk: text("Milk.") }, {}, ["$.Milk model refused"]],
    [
      "a new required field of an optional group that was there breaks",
      { ...fields, Place: nested("Where.", { Table: name("T."), Chair: name("C.").optional(), Room: name("R.") }).optional() },
      {},
      ["$.Place.Room model refused"],
    ],
    ["a field that is gone breaks", without("Size"), {}, ["$.Size model refused"]],
    ["a group that is gone breaks once", without("Place"), {}, ["$.Place model refused"]],
    [
      "an optional field made required breaks",
      { ...fields, Size: integer("S.", { min: 1, max: 10 }) },
      {},
      ["$.Size model refused"],
    ],
    [
      "a required field made optional is an addition",
      { ...fields, Kind: fields.Kind.optional() },
      { addition: 1 },
      ["$.Kind addition"],
    ],
    ["a tighter bound breaks", { ...fields, Size: integer("S.", { min: 2, max: 10 }).optional() }, {}, ["$.Size model refused"]],
    [
      "a wider bound is an addition",
      { ...fields, Size: integer("S.", { min: 1, max: 11 }).optional() },
      { addition: 1 },
      ["$.Size addition"],
    ],
    [
      "a bound moved is both, so it breaks",
      { ...fields, Size: integer("S.", { min: 2, max: 11 }).optional() },
      {},
      ["$.Size model refused", "$.Size addition"],
    ],
    ["a sign demanded breaks", { ...fields, Price: money("P.", { sign: "positive" }) }, {}, ["$.Price model refused"]],
    ["a sign allowed is an addition", { ...fields, Price: money("P.") }, { addition: 1 }, ["$.Price addition"]],
    [
      "a word more is an addition",
      { ...fields, Kind: oneOf("W.", ["espresso", "tea", "milk"]) },
      { addition: 1 },
      ["$.Kind addition"],
    ],
    ["a word less breaks", { ...fields, Kind: oneOf("W.", ["espresso"]) }, {}, ["$.Kind model refused"]],
    ["another type breaks", { ...fields, Size: decimal("S.", { min: 1, max: 10 }).optional() }, {}, ["$.Size model refused"]],
    ["a field made personal breaks", { ...fields, Kind: personal("k", fields.Kind) }, {}, ["$.Kind model refused"]],
    [
      "another column breaks its readers",
      { ...fields, Size: integer("S.", { min: 1, max: 10, column: "volume" }).optional() },
      {},
      ["$.Size model refused"],
    ],
    ["other words for a meaning are no change", { ...fields, Kind: oneOf("What it was.", ["espresso", "tea"]) }, {}, []],
  ])("%s", (_, changed, version, expected) => {
    expect(reaches(cup({ 1: { fields: changed, ...version } }))).toEqual(expected);
  });

  test("a new rule over several fields breaks, one that is dropped is an addition", () => {
    const rule = { path: "$", code: "no-tea", rule: "Tea has a size.", holds: () => true };
    const ruled = cup({ 1: { fields, invariants: [rule] } });
    expect(reaches(ruled)).toEqual(["$ model refused"]);
    const dropped = compared([cup({ 1: { fields, addition: 1 } })], [ruled]);
    expect(dropped).toMatchObject([{ reach: "addition", refusal: undefined }]);
  });

  test("a value that is normalised otherwise under the same rule breaks", () => {
    const shouting = cup({ 1: { fields } });
    const changed: EventContract = {
      ...shouting,
      normalise: (...given) => {
        const verdict = shouting.normalise(...given);
        if (!verdict.ok) return verdict;
        return { ok: true, value: { ...verdict.value, data: { ...verdict.value.data, Kind: "TEA" } } };
      },
    };
    expect(compared([changed])).toMatchObject([
      { reach: "model", what: expect.stringContaining("stored otherwise than at the release: Kind") },
      { reach: "model" },
    ]);
  });

  test("what it waits for is a revision when it is more, an addition when it is less", () => {
    const needs = [{ kind: "table", column: "table" }];
    expect(reaches(cup({ 1: { fields, revision: 1 } }, { needs }))).toEqual(["- revision"]);
    expect(compared([cup({ 1: { fields, addition: 1 } })], [cup({ 1: { fields } }, { needs })])).toMatchObject([
      { reach: "addition", what: "No longer waits for its table.", refusal: undefined },
    ]);
  });

  test("another natural key or subject holds for all that is stored, so no version can make it", () => {
    expect(reaches(cup({ 1: { fields } }, { naturalKey: "kind", subject: { kind: "guest", field: "Kind" } }))).toEqual([
      "- model refused",
      "- model refused",
    ]);
  });
});

describe("the full name of a version", () => {
  test.each<[string, Fields, Partial<VersionDefinition>, string | undefined]>([
    ["counts an addition", { ...fields, Milk: text("M.").optional() }, { addition: 1 }, undefined],
    ["must not leave it out", { ...fields, Milk: text("M.").optional() }, {}, "revision: 0, addition: 1"],
    ["must not make more of it", { ...fields, Milk: text("M.").optional() }, { revision: 1 }, "revision: 0, addition: 1"],
    ["must not count what did not change", fields, { addition: 1 }, "revision: 0, addition: 0"],
  ])("%s", (_, changed, version, refusal) => {
    const refusals = compared([cup({ 1: { fields: changed, ...version } })]).flatMap((change) => change.refusal ?? []);
    expect(refusals).toEqual(refusal === undefined ? [] : [`Say so in the contract: ${refusal}.`]);
  });

  test("begins its additions anew with a revision", () => {
    const before = cup({ 1: { fields, addition: 3 } });
    const needs = [{ kind: "table", column: "table" }];
    const after = (version: Partial<VersionDefinition>) =>
      compared([cup({ 1: { fields, ...version } }, { needs })], [before]).flatMap(({ refusal }) => refusal ?? []);
    expect(after({ revision: 1 })).toEqual([]);
    expect(after({ revision: 1, addition: 3 })).toEqual(["Say so in the contract: revision: 1, addition: 0."]);
  });
});

describe("a new version", () => {
  const upcast = ({ Size, ...rest }: Record<string, unknown>) => ({ ...rest, Volume: Size });
  const second = { fields: { ...without("Size"), Volume: integer("V.").optional() }, when: hasAny("Volume") };

  test("may take fields away when it makes its own of them", () => {
    expect(reaches(cup({ 1: { fields }, 2: { ...second, upcast } }))).toEqual(["- model", "$.Size model"]);
  });

  test("must not take fields away without", () => {
    expect(compared([cup({ 1: { fields }, 2: second })])).toMatchObject([
      { what: "Version 2 is new.", refusal: undefined },
      { path: "$.Size", refusal: expect.stringContaining("give version 2 an upcast") },
    ]);
  });

  test("may ask for more than the one before, which stays empty in older events", () => {
    const more = { fields: { ...fields, Milk: text("Milk.") }, when: hasAny("Milk") };
    expect(reaches(cup({ 1: { fields }, 2: more }))).toEqual(["- model"]);
  });

  test("must be able to raise what is stored", () => {
    const failing = () => {
      throw new Error("no size");
    };
    expect(compared([cup({ 1: { fields }, 2: { ...second, upcast: failing } })])).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ version: 1, what: expect.stringContaining("can no longer be raised to version 2: no size") }),
      ]),
    );
  });

  test("begins at 0-0 and follows the released ones", () => {
    expect(compared([cup({ 1: { fields }, 2: { ...second, upcast, addition: 1 } })]).at(-1)?.refusal).toMatch(/addition: 0/);
    const twoReleased = cup({ 2: { fields } });
    expect(compared([cup({ 1: { fields }, 2: { fields } })], [twoReleased])).toMatchObject([
      { version: 1, refusal: "Version 2 was released before: call the new one 3." },
    ]);
  });
});

test("an upcast that makes other values of stored events than it did breaks their readers", () => {
  const minutes = { fields: { CupId: id("C."), Size: integer("S.").optional(), OccurredAt: occurredAt() } };
  const two = (factor: number) =>
    cup(
      {
        1: minutes,
        2: {
          fields: { CupId: id("C."), Volume: integer("V.").optional(), OccurredAt: occurredAt() },
          when: hasAny("Volume"),
          upcast: ({ Size, ...rest }) => (typeof Size === "number" ? { ...rest, Volume: Size * factor } : rest),
        },
      },
      {},
    );
  expect(compared([two(3)], [two(2)])).toMatchObject([
    { version: 1, reach: "model", what: "A stored event shows other values than at the release in volume." },
  ]);
});

test("types and versions that were released stay", () => {
  const two = cup({ 1: { fields }, 2: { fields } });
  expect(compared([cup({ 2: { fields } })], [two])).toMatchObject([{ version: 1, what: "Version 1 is gone." }]);
  expect(compared([], [two])).toMatchObject([{ type: "Bar.CupServed", what: "The type is gone.", refusal: expect.any(String) }]);
});

test("a new type is an addition", () => {
  expect(compared([released], [])).toMatchObject([{ type: "Bar.CupServed", reach: "addition", refusal: undefined }]);
});

test("every stored sample of every version of the sample contract is raised to the newest", () => {
  const [snapshot] = snapshotOf([sampleContract]);
  expect(snapshot?.versions.map(({ version, samples }) => [version, samples.length])).toEqual([
    [1, 2],
    [2, 2],
  ]);
  const [full, least] = snapshot?.versions[0]?.samples ?? [];
  expect(full?.columns).toMatchObject({ rental_id: "id-1", length: "60", renter_email: "tok_sample", price: "12.5" });
  expect(least?.columns).toMatchObject({ rental_id: "id-1", length: null, renter_email: null });
});

test("a file that is no release is refused in words", () => {
  expect(() => readSnapshot("{", "a.json")).toThrow("a.json is not JSON.");
  expect(() => readSnapshot('{"contracts": [{}]}', "a.json")).toThrow(/a\.json is no release of contracts: contracts\.0\.type/);
});
