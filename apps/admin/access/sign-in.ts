import { button, hiddenFields, html, notice, page, textField } from "@jukebase/console";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { type NextFunction, type Request, type Response, Router } from "express";
import { authenticate, hasAdmins } from "../accounts.ts";
import { formOf } from "../asked.ts";
import { clearCookie, readCookie, setCookie } from "./cookies.ts";
import { requireToken, requireVisitToken, visitToken } from "./csrf.ts";
import { closeSession, findSession, openSession, type Session } from "./sessions.ts";
import { limitSignIns } from "./sign-in-limit.ts";

/** The routes that nobody needs to be signed in for. */
export function signInRoutes(jukebase: Jukebase): Router {
  const routes = Router();
  routes.get("/sign-in", async (request, response) => {
    await signInPage(jukebase, request, response, 200, {});
  });
  routes.post("/sign-in", ...limitSignIns(tooOften), async (request, response) => {
    const { email = "", password = "", to, _csrf } = formOf(request);
    requireVisitToken(request, _csrf);
    const account = await authenticate(jukebase, String(email), String(password));
    if (!account) return signInPage(jukebase, request, response, 401, { email: String(email), complaint: wrong });
    const old = readCookie(request, "session");
    if (old !== undefined) await closeSession(jukebase, old);
    setCookie(request, response, "session", await openSession(jukebase, account));
    clearCookie(request, response, "visit");
    response.redirect(303, ownPath(to));
  });
  routes.post("/sign-out", requireSession(jukebase), async (request, response) => {
    requireToken(formOf(request)._csrf, sessionOf(response).csrf);
    await closeSession(jukebase, readCookie(request, "session") ?? "");
    clearCookie(request, response, "session");
    response.redirect(303, "/sign-in");
  });
  return routes;
}

/** Lets only the signed-in pass; sends everybody else to the sign-in page, and from there back. */
export function requireSession(jukebase: Jukebase) {
  return async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    const secret = readCookie(request, "session");
    const session = secret === undefined ? undefined : await findSession(jukebase, secret);
    if (!session) {
      const back =
        request.method === "GET" && request.originalUrl !== "/" ? `?to=${encodeURIComponent(request.originalUrl)}` : "";
      response.redirect(303, `/sign-in${back}`);
      return;
    }
    response.locals.session = session;
    next();
  };
}

/** The session of a request that `requireSession` let pass. */
export function sessionOf(response: Response): Session {
  return response.locals.session as Session;
}

const wrong = "E-mail address and password do not belong together. Check both and try again.";

type Attempt = { readonly email?: string; readonly complaint?: string };

async function signInPage(
  jukebase: Jukebase,
  request: Request,
  response: Response,
  status: number,
  attempt: Attempt,
): Promise<void> {
  const to = ownPath(request.method === "GET" ? request.query.to : formOf(request).to);
  const token = visitToken(request, response);
  const help = (await hasAdmins(jukebase)) ? null : nobodyYet;
  send(request, response, status, { ...attempt, to, token, help });
}

type Form = Attempt & { readonly to: string; readonly token: string; readonly help: ReturnType<typeof notice> | null };

function send(request: Request, response: Response, status: number, { email, complaint, to, token, help }: Form): void {
  const body = html`<div class="sign-in">${help}${complaint !== undefined && notice({ tone: "error", title: complaint })}
<form class="form card card-body" method="post" action="/sign-in">${hiddenFields({ _csrf: token, to })}
${textField({ name: "email", label: "E-mail address", type: "email", value: email, autocomplete: "username", required: true })}
${textField({ name: "password", label: "Password", type: "password", autocomplete: "current-password", required: true })}
<div class="form-actions">${button({ label: "Sign in" })}</div></form></div>`;
  response
    .status(status)
    .type("html")
    .send(page({ title: "Sign in", path: request.path, nav: [], body, lead: "The console of this Jukebase installation." }));
}

const nobodyYet = notice({
  tone: "info",
  title: "Nobody can sign in yet",
  body: html`Make an account with <code>jukebase admin create you@example.com</code>; the command prints its password.`,
});

async function tooOften(request: Request, response: Response): Promise<void> {
  const token = visitToken(request, response);
  const complaint = "Too many attempts. Wait a quarter of an hour and try again.";
  send(request, response, 429, { to: "/", token, help: null, complaint });
}

// Only a path of this console: never another host's.
function ownPath(given: unknown): string {
  if (typeof given !== "string" || !/^\/(?![/\\])/.test(given)) return "/";
  const target = new URL(given, "http://console.invalid");
  return target.host === "console.invalid" && target.pathname !== "/sign-in" ? `${target.pathname}${target.search}` : "/";
}
