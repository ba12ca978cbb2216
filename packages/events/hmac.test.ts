import { createHmac, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hmacSha256 } from "./hmac.ts";

test("is what createHmac gives, for any key and text", () => {
  const keys = [randomBytes(32), randomBytes(64), randomBytes(65), randomBytes(1)];
  fc.assert(
    fc.property(fc.constantFrom(...keys), fc.string({ unit: "binary", maxLength: 9000 }), (key, text) => {
      expect(hmacSha256(key, text)).toBe(createHmac("sha256", key).update(text).digest("hex"));
    }),
  );
  expect(hmacSha256(keys[0] as Buffer, "é".repeat(6000))).toBe(
    createHmac("sha256", keys[0] as Buffer)
      .update("é".repeat(6000))
      .digest("hex"),
  );
});
