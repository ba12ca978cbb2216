/** Order by instant, then by event id in byte order: the order in which payments run and the newest wins. */
export function byInstant(one: { at: number; eventId: string }, other: { at: number; eventId: string }): number {
  return one.at - other.at || byText(one.eventId, other.eventId);
}

/** Byte order of ASCII text (as Postgres orders under the "C" collation). */
export function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
