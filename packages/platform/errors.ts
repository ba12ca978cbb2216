/** The caller sent something that cannot be accepted; the message says what, where and what to do next. HTTP 400, exit code 2. */
export class Invalid extends Error {
  override readonly name = "Invalid";
}

/** The thing asked for does not exist. HTTP 404, exit code 4. */
export class NotFound extends Error {
  override readonly name = "NotFound";
}

/** The request is fine but the state of things forbids it. HTTP 409, exit code 5. */
export class Conflict extends Error {
  override readonly name = "Conflict";
}
