import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { NextFunction, Request, Response } from "express";
import { Forbidden } from "../failure.ts";
import { readCookie, setCookie } from "./cookies.ts";

/** Refuses what another site makes a browser send: browsers say where an unsafe request comes from. */
export function refuseOtherSites(request: Request, _response: Response, next: NextFunction): void {
  if (!["GET", "HEAD", "OPTIONS"].includes(request.method)) requireOwnSite(request);
  next();
}

function requireOwnSite(request: Request): void {
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none")
    throw new Forbidden("This form was sent from another site.");
  const { origin } = request.headers;
  if (site === undefined && origin !== undefined && !isOwn(origin, request))
    throw new Forbidden("This form was sent from another site.");
}

/** Refuses a form without the token of the session that it was made for. */
export function requireToken(given: unknown, expected: string): void {
  const [a, b] = [digest(typeof given === "string" ? given : ""), digest(expected)];
  if (!timingSafeEqual(a, b)) throw new Forbidden("This form is out of date: go back, reload the page and send it again.");
}

/** The token for forms shown before there is a session: bound to a cookie of this visit, which is set if need be. */
export function visitToken(request: Request, response: Response): string {
  const known = readCookie(request, "visit");
  if (known !== undefined) return tokenOfVisit(known);
  const visit = randomBytes(32).toString("base64url");
  setCookie(request, response, "visit", visit);
  return tokenOfVisit(visit);
}

/** Refuses a form of `visitToken` that another visit was given. */
export function requireVisitToken(request: Request, given: unknown): void {
  requireToken(given, tokenOfVisit(readCookie(request, "visit") ?? randomBytes(32).toString("base64url")));
}

function tokenOfVisit(visit: string): string {
  return createHash("sha256").update(`visit ${visit}`).digest("base64url");
}

function isOwn(origin: string, request: Request): boolean {
  return URL.canParse(origin) && new URL(origin).host === request.headers.host;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
