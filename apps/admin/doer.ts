import type { Doer } from "@jukebase/events";
import type { Response } from "express";
import { sessionOf } from "./access/sign-in.ts";

/** Who asks for a change on a page, and why where that was said, for the audit log. */
export function doerOf(response: Response, why?: string): Doer {
  return { actor: `console:${sessionOf(response).email}`, why, requestId: String(response.locals.requestId) };
}
