import { Conflict, Invalid, NotFound } from "@jukebase/platform";

/** Codes of refused requests, with their HTTP status: a client decides by them, people read the message. */
export const codes = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  timeout: 408,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
} as const;

export type Code = keyof typeof codes;

/** A request that is refused, and why; nothing of it was taken in. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: Code;
  readonly headers: Readonly<Record<string, string>>;
  constructor(code: Code, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.headers = headers;
  }
}

/** What a failure says to the one who asked; for whatever nobody foresaw that is only that it happened. */
export function refusalOf(failure: unknown): Refusal {
  if (failure instanceof Refusal) return failure;
  if (failure instanceof Invalid) return new Refusal("invalid", failure.message);
  if (failure instanceof NotFound) return new Refusal("not_found", failure.message);
  if (failure instanceof Conflict) return new Refusal("conflict", failure.message);
  if (failure instanceof URIError) return new Refusal("invalid", "The address is not encoded as a URL is.");
  if (isFull(failure)) return unavailable("The database cannot write at the moment: its disk is full, or it only reads.", 30);
  if (isAway(failure)) return unavailable("The database does not answer at the moment.", 5);
  return new Refusal("internal", "Something went wrong here. The request id finds it in the log.");
}

/** Whether the database, not the request, is why something failed: the same may pass later. */
export function isAway(failure: unknown): boolean {
  if (failure instanceof AggregateError) return failure.errors.some(isAway);
  const { code, message, cause } = failure as { code?: unknown; message?: unknown; cause?: unknown };
  if (typeof code === "string" && away.test(code)) return true;
  if (typeof message === "string" && broken.test(message)) return true;
  return cause !== undefined && isAway(cause);
}

// By class of SQLSTATE: connection (08), read-only (25006), rolled back (40), resources (53: disk, memory, connections), lock timeout
// (55P03), operator's doing (57: shutdown, cancelled), the system's own (58: I/O); and what sockets say.
const away =
  /^(08...|25006|40...|53...|55P03|57...|58...|ECONNREFUSED|ECONNRESET|ENOTFOUND|EPIPE|ETIMEDOUT|EHOSTUNREACH|EAI_AGAIN|EMFILE|ENFILE)$/;
const broken =
  /connection terminated|timeout expired|timeout exceeded when trying to connect|connection error|not queryable|cannot use a pool after calling end/i;

function isFull(failure: unknown): boolean {
  const { code } = failure as { code?: unknown };
  return code === "53100" || code === "25006";
}

// What was not acknowledged may be sent again, and is not counted twice; a commit whose outcome is not known is such a case, too.
function unavailable(why: string, wait_s: number): Refusal {
  return new Refusal("unavailable", `${why} Send the same again a little later.`, { "retry-after": String(wait_s) });
}
