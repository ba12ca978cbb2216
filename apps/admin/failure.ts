import { Conflict, Invalid, NotFound } from "@jukebase/platform";

/** The caller may not do this, or a form does not come from where it says. HTTP 403. */
export class Forbidden extends Error {
  override readonly name = "Forbidden";
}

/** Something thrown, as a page tells it: the status, a title, and a sentence that may be shown. */
export type Failure = { readonly status: number; readonly title: string; readonly sentence: string };

/** What a page says of an error; what nobody foresaw keeps its words to the log. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Invalid) return { status: 400, title: "That can't be done as it was asked", sentence: error.message };
  if (error instanceof Forbidden) return { status: 403, title: "Not allowed", sentence: error.message };
  if (error instanceof NotFound) return { status: 404, title: "There is no such page", sentence: error.message };
  if (error instanceof Conflict) return { status: 409, title: "Not as things stand", sentence: error.message };
  const status = clientStatus(error);
  if (status !== undefined) return { status, title: "The request could not be read", sentence: "It is malformed or too large." };
  return {
    status: 500,
    title: "Something went wrong here",
    sentence: "The request failed. Why stands in the log, under the id below.",
  };
}

// Body parsers throw errors with a 4xx status of their own.
function clientStatus(error: unknown): number | undefined {
  const { status } = (error ?? {}) as { status?: unknown };
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}
