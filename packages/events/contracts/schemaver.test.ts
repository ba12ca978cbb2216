import { expect, test } from "vitest";
import { defineEvent } from "./define.ts";
import { id, occurredAt } from "./fields/index.ts";
import { isVersion, modelNamed, modelOf, readVersion } from "./schemaver.ts";

const fields = { CupId: id("The cup."), OccurredAt: occurredAt() };
const cup = defineEvent({
  type: "Bar.CupServed",
  description: "A cup was served.",
  naturalKey: "cup_id",
  versions: { 1: { fields }, 2: { fields, revision: 1, addition: 2 } },
});

test("a version is named by its model, or in full", () => {
  expect([1, "1", "1-0-0", "2-1-2"].filter(isVersion)).toHaveLength(4);
  expect(["", "0", "01", "1-0", "1-0-0-0", "v1", "1.0.0", " 1", 0.5, null, {}, "9".repeat(400)].filter(isVersion)).toEqual([]);
  expect([2, "2", "2-1-2"].map(modelOf)).toEqual([2, 2, 2]);
});

test("a contract knows its models as they are, and as they were before", () => {
  expect(["2", "2-0-0", "2-0-9", "2-1-0", "2-1-2"].map((named) => modelNamed(cup, named))).toEqual([2, 2, 2, 2, 2]);
  expect(cup.details(2).schemaver).toBe("2-1-2");
});

test("a contract does not know what was added after it", () => {
  expect(["2-1-3", "2-2-0"].map((named) => modelNamed(cup, named))).toEqual([Number.NaN, Number.NaN]);
  expect(["3", "2-2-0", "one"].map((named) => readVersion(cup, named))).toEqual([undefined, undefined, undefined]);
});
