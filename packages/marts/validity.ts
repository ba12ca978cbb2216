import type { Mart } from "@jukebase/platform/mart.ts";

/** The columns that a snapshot adds to its SELECT's: from when a version held, and until when, not included; null while it does. */
export const validity = ["valid_from", "valid_to"] as const;

/** The columns that the SELECT itself gives. */
export function selectedColumns({
  kind,
  columns,
}: {
  readonly kind: Mart["kind"];
  readonly columns: readonly string[];
}): string[] {
  return columns.filter((column) => kind !== "snapshot" || !validity.some((name) => name === column));
}
