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
  if (isAway(failure)) return away();
  return new Refusal("internal", "Something went wrong here. The request id finds it in the log.");
}

// What was not acknowledged may be sent again, and is not counted twice.
function away(): Refusal {
  return new Refusal("unavailable", "The database does not answer at the moment. Send the same again a little later.", {
    "retry-after": "5",
  });
}

// Connection exceptions, a server that starts or stops, one with no connection left; and what sockets say.
function isAway(failure: unknown): boolean {
  if (failure instanceof AggregateError) return failure.errors.some(isAway);
  const { code, message, cause } = failure as { code?: unknown; message?: unknown; cause?: unknown };
  if (
    typeof code === "string" &&
    /^(08...|57P0.|53300|ECONNREFUSED|ECONNRESET|ENOTFOUND|EPIPE|ETIMEDOUT|EHOSTUNREACH)$/.test(code)
  )
    return true;
  if (
    typeof message === "string" &&
    /connection terminated|timeout exceeded when trying to connect|connection error/i.test(message)
  )
    return true;
  return cause !== undefined && isAway(cause);
}
