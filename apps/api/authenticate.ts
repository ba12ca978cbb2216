import type { Jukebase } from "@jukebase/domains/open.ts";
import type { RequestHandler } from "express";
import { rateLimit } from "express-rate-limit";
import { verifyKey } from "./keys.ts";
import { Refusal } from "./refusal.ts";
import { callerOf } from "./request.ts";

/** How much one key, and one address without a valid key, may ask in a minute. */
export type RateLimits = { readonly perKey: number; readonly failuresPerAddress: number };

/** Lets through who shows a valid key. Guessing is slowed down by address, asking too much by key. */
export function authenticate(jukebase: Jukebase, limits: RateLimits): RequestHandler[] {
  const guesses = rateLimit({
    ...perMinute,
    limit: limits.failuresPerAddress,
    skipSuccessfulRequests: true,
    requestWasSuccessful: (_request, response) => response.statusCode !== 401 && response.statusCode !== 403,
  });
  const requests = rateLimit({
    ...perMinute,
    limit: limits.perKey,
    keyGenerator: (_request, response) => callerOf(response).key_id,
  });
  return [guesses, verify(jukebase), requests];
}

const perMinute = {
  windowMs: 60_000,
  standardHeaders: "draft-8",
  legacyHeaders: false,
  handler: (_request: unknown, _response: unknown, next: (failure: Refusal) => void) =>
    next(new Refusal("too_many_requests", "Too many requests: the Retry-After header says when there is room again.")),
} as const;

function verify(jukebase: Jukebase): RequestHandler {
  return async (request, response, next) => {
    const [, secret] = /^Bearer +(\S+)$/i.exec(request.get("authorization") ?? "") ?? [];
    if (secret === undefined) throw unauthorized("Send a key: Authorization: Bearer jk_…");
    const verified = await verifyKey(jukebase, secret);
    if (verified.outcome === "unknown") throw unauthorized("This key is not known here.");
    if (verified.outcome === "revoked") throw new Refusal("forbidden", "This key was revoked.");
    response.locals.caller = { key_id: verified.id, source: verified.source };
    next();
  };
}

function unauthorized(message: string): Refusal {
  return new Refusal("unauthorized", message, { "www-authenticate": "Bearer" });
}
