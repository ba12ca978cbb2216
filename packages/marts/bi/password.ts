import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { Invalid } from "@jukebase/platform/errors.ts";

/** A password of 32 letters and digits (190 bits), which needs no escaping in any tool's form or address. */
export function makePassword(): string {
  const letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
  const fair = 256 - (256 % letters.length);
  let password = "";
  while (password.length < 32) for (const byte of randomBytes(32)) if (byte < fair) password += letters[byte % letters.length];
  return password.slice(0, 32);
}

/** A password that somebody chose, checked. Throws `Invalid` when it is short, or not printable ASCII. */
export function chosenPassword(password: string): string {
  if (password.length < 16)
    throw new Invalid("The password has fewer than 16 characters: give a longer one, or none to have one made.");
  if (!/^[\x21-\x7e]+$/.test(password))
    throw new Invalid(
      "The password may hold printable ASCII characters without spaces alone: tools and drivers differ in all others.",
    );
  return password;
}

/** What the server keeps of a password (RFC 5803): made here, so that the password itself stands in no statement, log or statistic. */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const hmac = (text: string): Buffer => createHmac("sha256", salted).update(text).digest();
  const storedKey = createHash("sha256").update(hmac("Client Key")).digest("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${hmac("Server Key").toString("base64")}`;
}

const iterations = 4096;
