import { buttonLink, html, page } from "@jukebase/console";
import { NotFound } from "@jukebase/platform";
import type { ErrorRequestHandler, Request, Response } from "express";
import type { Session } from "./access/sessions.ts";
import type { Console } from "./console.ts";
import { type Failure, failureOf } from "./failure.ts";
import { show } from "./show.ts";

/** The end of the line: no page has this address. */
export function answerNothingThere(request: Request): void {
  throw new NotFound(`Nothing is at ${request.path}. Go to the overview, or look in the navigation.`);
}

/** Turns whatever was thrown into a page with its sentence and the request's id; what nobody foresaw goes to `onFailure`. */
export function answerFailure(admin: Console, onFailure: (failure: Error, requestId: string) => void): ErrorRequestHandler {
  return async (error, request, response, next) => {
    const failure = failureOf(error);
    const id = String(response.locals.requestId);
    if (failure.status >= 500) onFailure(error as Error, id);
    if (response.headersSent) return next(error);
    const shown = { title: failure.title, body: bodyOf(failure, id) };
    const session = response.locals.session as Session | undefined;
    try {
      if (!session) return bare(request, response, shown, failure.status);
      await show(admin, request, response, shown, failure.status);
    } catch (second) {
      onFailure(second as Error, id); // Without a database there is no navigation either: a plain page must do.
      bare(request, response, shown, failure.status);
    }
  };
}

function bodyOf({ sentence }: Failure, id: string) {
  return html`<section class="card"><div class="card-body failure"><p>${sentence}</p><p class="hint">Request <code>${id}</code></p>
<p>${buttonLink({ label: "To the overview", href: "/" })}</p></div></section>`;
}

function bare(
  request: Request,
  response: Response,
  shown: { readonly title: string; readonly body: ReturnType<typeof html> },
  status: number,
): void {
  response
    .status(status)
    .type("html")
    .send(page({ ...shown, path: request.path, nav: [] }));
}
