import { createHash } from "node:crypto";
import { Invalid } from "@jukebase/platform";

/** What may have become of an item; `discarded-value` are values that a mode took out of an event that was logged. */
export const quarantineStatuses = ["open", "replayed", "discarded", "discarded-value", "expired"] as const;

/** Which items: by status (open unless said otherwise), type ("" where none could be read), reason, source, and when they were received. */
export type QuarantineFilter = {
  readonly status?: string | undefined;
  readonly type?: string | undefined;
  readonly reason?: string | undefined;
  readonly source?: string | undefined;
  /** ISO instants: from the first on, before the second. */
  readonly receivedFrom?: string | undefined;
  readonly receivedTo?: string | undefined;
};

/** Which open items to change: named ones, or all that match. */
export type QuarantineChoice = Omit<QuarantineFilter, "status"> & { readonly ids?: readonly string[] | undefined };

/** The condition for a filter's items; its values, $1 to $6, are `filterValues`. */
export const matching = `($1::text is null or quarantine.status = $1)
  and ($2::text is null or type = $2 or ($2 = '' and type is null))
  and ($3::text is null or reason = $3)
  and ($4::text is null or quarantine.source = $4)
  and ($5::timestamptz is null or received_at >= $5)
  and ($6::timestamptz is null or received_at < $6)`;

/** The values of `matching`, in order. Throws `Invalid` for an instant or a status that is none. */
export function filterValues(filter: QuarantineFilter): unknown[] {
  const { status = "open", type, reason, source, receivedFrom, receivedTo } = filter;
  if (!quarantineStatuses.some((known) => known === status))
    throw new Invalid(`"${status}" is not a status of the quarantine; there are ${statusesInWords}.`);
  return [status, type ?? null, reason ?? null, source ?? null, instant(receivedFrom), instant(receivedTo)];
}

/** The statuses as a sentence names them. */
export const statusesInWords = quarantineStatuses.join(", ").replace(/, (?=[^,]*$)/, " or ");

/** A choice in words, as the audit log names what was changed: the id of one item, or how a group was chosen. */
export function choiceInWords({ ids, ...filter }: QuarantineChoice): string {
  if (ids?.length === 1) return ids[0] as string;
  const { type, reason, source, receivedFrom, receivedTo } = filter;
  const said = Object.entries({ type, reason, source, "received from": receivedFrom, "received before": receivedTo });
  const parts = said.flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value === "" ? "unread" : value}`]));
  const named = ids === undefined ? [] : [`${ids.length} named items`];
  return `quarantine: ${[...named, ...parts].join(", ") || "all open items"}`;
}

/** One hash for a set of items, so that an audit entry of a group says exactly which. */
export function idsHash(ids: readonly string[]): string {
  return createHash("sha256").update(ids.toSorted().join("\n")).digest("hex");
}

/** Throws `Invalid` for a text that cannot be the id of an item. */
export function requireId(id: string): void {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
    throw new Invalid(`"${id}" is not the id of a quarantined item; see \`jukebase quarantine list\`.`);
  }
}

// A day alone is its first instant, UTC.
function instant(text: string | undefined): string | null {
  if (text === undefined) return null;
  const known =
    /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?$/.test(text) && !Number.isNaN(Date.parse(text));
  if (known) return new Date(text).toISOString();
  throw new Invalid(`"${text}" is not an instant: write 2026-03-01 or 2026-03-01T12:00:00Z.`);
}
