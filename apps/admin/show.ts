import { type PageProps, page } from "@jukebase/console";
import type { Request, Response } from "express";
import { clearCookie, readCookie, setCookie } from "./access/cookies.ts";
import { sessionOf } from "./access/sign-in.ts";
import type { Console } from "./console.ts";
import { navigation } from "./navigation.ts";

/** What a page says of itself; the frame around it comes from the session. */
export type Shown = Pick<PageProps, "title" | "body" | "lead" | "actions" | "breadcrumbs" | "asOf"> & { readonly path?: string };

/** A word about what the last request did. */
export type Flash = NonNullable<PageProps["flash"]>;

/** Sends a page inside the console's frame: navigation, account, and what the last request did, told once. */
export async function show(admin: Console, request: Request, response: Response, shown: Shown, status = 200): Promise<void> {
  const session = sessionOf(response);
  const flash = takeFlash(request, response);
  const document = page({
    path: request.path,
    ...shown,
    nav: await navigation(admin),
    user: { name: session.email, signOut: "/sign-out" },
    csrf: session.csrf,
    search: { action: "/search", placeholder: "Find an event, a report, a mart…" },
    version: admin.version,
    ...(flash ? { flash } : {}),
  });
  response.status(status).type("html").send(document);
}

/** Goes to a page after a change, which says there what was done. */
export function goTo(request: Request, response: Response, path: string, flash: Flash): void {
  setCookie(request, response, "flash", Buffer.from(JSON.stringify(flash)).toString("base64url"), 60_000);
  response.redirect(303, path);
}

function takeFlash(request: Request, response: Response): Flash | undefined {
  const sent = readCookie(request, "flash");
  if (sent === undefined) return undefined;
  clearCookie(request, response, "flash");
  try {
    const { tone, text } = JSON.parse(Buffer.from(sent, "base64url").toString()) as Record<string, unknown>;
    const known = (["info", "good", "warn", "error"] as const).find((name) => name === tone);
    return known && typeof text === "string" ? { tone: known, text } : undefined;
  } catch {
    return undefined; // Not written by us: there is nothing to tell.
  }
}
