import { expect, test } from "vitest";
import { z } from "zod";
import { ruleOf } from "./field.ts";
import { decade, emailDomain, personal } from "./personal.ts";
import { text } from "./text.ts";

test.each([
  ["ann@Example.COM", "example.com"],
  ['"a@b"@sub.example.org', "sub.example.org"],
  ["n/a", undefined],
  ["@example.com", undefined],
  ["ann@localhost", undefined],
  ["ann@my domain.com", undefined],
])("of the e-mail %s the domain %s is left", (email, domain) => {
  expect(emailDomain(email)).toBe(domain);
});

test("of a date of birth the decade is left", () => {
  expect([decade("1980-01-01"), decade("1989-12-31"), decade("2003-05-05")]).toEqual([1980, 1980, 2000]);
});

test("a personal field keeps its rule and names its kind", () => {
  const plain = text("A telephone number.");
  const marked = personal("phone", plain);
  expect(ruleOf(marked)).toMatchObject({ meaning: "A telephone number.", pii: "phone" });
  expect(ruleOf(plain)?.pii).toBeUndefined();
  expect(() => personal("phone", z.string())).toThrow("field builder");
});
