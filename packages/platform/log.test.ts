import { expect, test } from "vitest";
import { failureFields } from "./log.ts";

test("a failure is told by its message, and by its code where a database may have quoted data", () => {
  expect(failureFields(new Error("no room"))).toEqual({ error: "no room" });
  const refused = Object.assign(new Error('invalid input syntax for type integer: "Ann"'), { code: "22P02", detail: "Ann" });
  expect(failureFields(refused)).toEqual({ error: "The database refused data (22P02).", code: "22P02" });
  expect(failureFields(new AggregateError([new Error("one"), new Error("two")]))).toEqual({ error: "one; two" });
  expect(failureFields("text")).toEqual({ error: "text" });
});
