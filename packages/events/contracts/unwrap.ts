/** A body freed from the field that wrapped it: its fields, where each stood, and what stood beside the wrapper and hides. */
export type Unwrapped = {
  readonly body: Readonly<Record<string, unknown>>;
  /** Path, as sent, of the object that holds a field; undefined when each stands where its contract says. */
  readonly home: ((name: string) => readonly string[]) | undefined;
};

/** Whether a parsed JSON value is an object (no array, no null). */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Takes `{"Payment": {…}}` for its inner object. Fields beside the wrapper count too (`OccurredAt` outside, say), except
 * where the inner object has the same one: then the outer stays in what is unknown, under the wrapper's siblings.
 */
export const unwrap = (body: Record<string, unknown>, wrapper: string | undefined): Unwrapped => {
  const inner = wrapper !== undefined && Object.hasOwn(body, wrapper) ? body[wrapper] : undefined;
  if (wrapper === undefined || !isObject(inner)) return { body, home: undefined };
  const outer = Object.entries(body).filter(([name]) => name !== wrapper && !Object.hasOwn(inner, name));
  return {
    body: Object.fromEntries([...outer, ...Object.entries(inner)]),
    home: (name) => (Object.hasOwn(inner, name) ? [wrapper] : []),
  };
};
