import { hash } from "node:crypto";
import { canonical } from "./canonical.ts";
import { hmacSha256 } from "./hmac.ts";
import type { Keys } from "./keys.ts";

/** The identity of an event: the first 16 bytes of SHA-256 of its source and its id there, as a uuid. */
export function eventKey(source: string, id: string): string {
  return asUuid(hash("sha256", `${source}\u0000${id}`, "hex"));
}

/** A keyed hash of a parsed value, before normalising and tokenising: equal bodies have equal hashes, and nothing else is told. */
export function bodyHash(keys: Keys, value: unknown): string {
  return asUuid(hmacSha256(keys.body, canonical(value)));
}

/**
 * The id of a fact that came without one: its content and which of the equal ones within its load it is. So n equal rows of a
 * file are n facts, and loading the file again adds none. `scope` is a request's Idempotency-Key, or empty for files and streams.
 */
export function factId(source: string, type: string, content: string, occurrence: number, scope: string): string {
  const text = [source, type, content, occurrence, scope].join("\u0000");
  return `f_${hash("sha256", text, "base64url").slice(0, 27)}`;
}

function asUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
