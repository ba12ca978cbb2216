import { createHash } from "node:crypto";
import type { Request, RequestHandler, Response } from "express";
import { ipKeyGenerator, rateLimit } from "express-rate-limit";

/** Five failed attempts per address, and five per account from anywhere, in a quarter of an hour; who succeeds is not counted. */
export function limitSignIns(refuse: (request: Request, response: Response) => Promise<void>): RequestHandler[] {
  const shared = {
    windowMs: 15 * 60 * 1000,
    limit: 5,
    skipSuccessfulRequests: true,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    handler: refuse,
  } as const;
  return [
    rateLimit({ ...shared, identifier: "address", keyGenerator: (request) => ipKeyGenerator(request.ip ?? "nowhere") }),
    rateLimit({ ...shared, identifier: "account", keyGenerator: accountOf }),
  ];
}

function accountOf(request: Request): string {
  const { email } = (request.body ?? {}) as Record<string, unknown>;
  return createHash("sha256")
    .update(
      String(email ?? "")
        .trim()
        .toLowerCase(),
    )
    .digest("base64url");
}
