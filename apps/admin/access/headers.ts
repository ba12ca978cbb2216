import type { RequestHandler } from "express";
import helmet from "helmet";

/** The headers of every answer: nothing may be loaded, framed or posted to but by and to this console itself. */
export function securityHeaders(): RequestHandler[] {
  const own = ["'self'"];
  const none = ["'none'"];
  return [
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: none,
          styleSrc: own,
          imgSrc: ["'self'", "data:"],
          scriptSrc: own,
          connectSrc: own,
          formAction: own,
          frameAncestors: none,
          baseUri: none,
        },
      },
      // Without a referrer browsers also drop the origin of a form, by which other sites' forms are told.
      referrerPolicy: { policy: "same-origin" },
      frameguard: { action: "deny" },
    }),
    (_request, response, next) => {
      response.set("cache-control", "no-store");
      next();
    },
  ];
}
