import type { Projection } from "@jukebase/platform";

/** The same projection into the schema that is filled beside the live one. */
export function nextOf<T extends Projection>(projection: T): T {
  return { ...projection, schema: `${projection.schema}__next` };
}

/** The name that the live schema has for the moment between being replaced and being dropped. */
export function oldOf({ schema }: Projection): string {
  return `${schema}__old`;
}
