import type { BatchOrigin } from "./append.ts";
import type { Identified } from "./identify.ts";
import { eventKey } from "./identity.ts";
import { token, type VaultValue } from "./vault.ts";

/** An event as the log will hold it: personal values replaced by tokens, everything that names an event resolved to its key. */
export type Entry = {
  readonly ordinal: number;
  readonly event_key: string;
  readonly event_id: string;
  /** Keyed hash of the body as parsed. */
  readonly body: string;
  readonly type: string;
  readonly version: number;
  readonly normaliser: number;
  readonly source: string;
  readonly occurred_at: string;
  readonly data: Record<string, unknown>;
  /** The sent form of each changed field; undefined when nothing was changed. */
  readonly sent: Record<string, unknown> | undefined;
  readonly amends: string | undefined;
  readonly retracts: string | undefined;
  /** Fields that no contract names, to be sealed. */
  readonly unknown: Record<string, unknown> | undefined;
  readonly vault: readonly VaultValue[];
};

/** Makes an entry of an event that has its id. */
export function entryOf({ event, ordinal, id }: Identified, origin: BatchOrigin): Entry {
  const { body, amends, retracts } = event;
  const source = origin.source.source;
  const vault = body.pii.length === 0 ? none : vaultValues(event.body, id, origin);
  return {
    ordinal,
    event_key: eventKey(source, id),
    event_id: id,
    body: event.hash,
    type: event.type,
    version: body.version,
    normaliser: event.contract.normaliser,
    source,
    occurred_at: body.occurredAt,
    data: vault.reduce((data, value) => withToken(data, value.field, value.token), body.data),
    sent: hasMembers(body.sent) ? body.sent : undefined,
    amends: amends === undefined ? undefined : eventKey(source, amends),
    retracts: retracts === undefined ? undefined : eventKey(source, retracts),
    unknown: body.unknown,
    vault,
  };
}

const none: readonly VaultValue[] = [];

function vaultValues(body: Identified["event"]["body"], id: string, { source, keys }: BatchOrigin): VaultValue[] {
  const [kind, ...natural] = (body.subject ?? "").split(":");
  const subject = `${kind}:${source.namespace}:${natural.join(":")}`;
  return body.pii.map(({ path, value }) => ({
    token: token(keys, subject, path, source.source, id),
    subject,
    field: path,
    value,
  }));
}

// "$.a.b" → the body with the token at a.b; the contract left that place empty.
function withToken(body: Record<string, unknown>, path: string, value: string): Record<string, unknown> {
  const [head, ...rest] = path.replace(/^\$\./, "").split(".");
  if (head === undefined) return body;
  if (rest.length === 0) return { ...body, [head]: value };
  return { ...body, [head]: withToken((body[head] ?? {}) as Record<string, unknown>, rest.join("."), value) };
}

function hasMembers(object: Record<string, unknown>): boolean {
  for (const _ in object) return true;
  return false;
}
