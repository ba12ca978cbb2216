import type { CookieOptions, Request, Response } from "express";

/** The cookies that the console sets. */
export type CookieName = "session" | "visit" | "flash";

/** What the browser sent under one of our names. */
export function readCookie(request: Request, name: CookieName): string | undefined {
  const wanted = `${fullName(request, name)}=`;
  const pair = (request.headers.cookie ?? "").split(/;\s*/).find((text) => text.startsWith(wanted));
  return pair?.slice(wanted.length);
}

/** Sets a cookie for this host alone, out of reach of scripts and of other sites' forms; `value` is base64url. */
export function setCookie(request: Request, response: Response, name: CookieName, value: string, life_ms?: number): void {
  response.cookie(fullName(request, name), value, { ...shape(request), ...(life_ms === undefined ? {} : { maxAge: life_ms }) });
}

/** Takes a cookie away again. */
export function clearCookie(request: Request, response: Response, name: CookieName): void {
  response.clearCookie(fullName(request, name), shape(request));
}

// Behind https the prefix makes the browser refuse the cookie from a sibling host or over plain http.
function fullName(request: Request, name: CookieName): string {
  return `${request.secure ? "__Host-" : ""}jukebase_${name}`;
}

function shape(request: Request): CookieOptions {
  return { httpOnly: true, sameSite: "lax", path: "/", secure: request.secure };
}
