import { type EventContract, type Executor, Invalid, NotFound } from "@jukebase/platform";

/** A person of whom events tell: what kind of thing it is, in whose ids (a source's namespace), and its natural id. */
export type Subject = { readonly kind: string; readonly namespace: string; readonly id: string };

/** Where a contract says of whom it tells. */
export type SubjectField = { readonly type: string; readonly field: string };

/** How a subject is written down, and known in the vault. */
export function subjectText({ kind, namespace, id }: Subject): string {
  return `${kind}:${namespace}:${id}`;
}

/**
 * A subject as a person writes it: `customer:<namespace>:<id>`, or `customer:<id>` with the namespace said beside it. Throws `Invalid`
 * for anything else, and for a kind of which no contract tells.
 */
export function parseSubject(text: string, contracts: ReadonlyMap<string, EventContract>, namespace?: string): Subject {
  const [kind = "", ...rest] = text.split(":");
  const kinds = [...new Set([...contracts.values()].flatMap(({ subject }) => subject?.kind ?? []))].sort();
  if (!kinds.includes(kind)) throw new Invalid(`"${kind}" is no kind of subject; known are ${kinds.join(", ")}.`);
  const said = namespace === undefined ? rest[0] : namespace;
  const id = (namespace === undefined ? rest.slice(1) : rest).join(":").trim();
  if (said === undefined || said === "" || id === "") {
    throw new Invalid(
      `"${text}" does not say of whom: write ${kind}:<namespace of the source>:<id>, or ${kind}:<id> with --source.`,
    );
  }
  return { kind, namespace: said, id };
}

/** In whose ids a source speaks. Throws `NotFound` for a source that never sent. */
export async function declaredNamespace(db: Executor, source: string): Promise<string> {
  const [row] = await db.query<{ namespace: string }>("select namespace from events.source where source = $1", [source]);
  if (row) return row.namespace;
  throw new NotFound(`No source is called "${source}".`);
}

/** Which event types tell of subjects of a kind, and by which field. */
export function subjectFields(contracts: ReadonlyMap<string, EventContract>, kind: string): SubjectField[] {
  return [...contracts.values()].flatMap(({ type, subject }) => (subject?.kind === kind ? [{ type, field: subject.field }] : []));
}

/** An event that tells of a subject. */
export type SubjectEvent = {
  log_id: string;
  event_key: string;
  source: string;
  event_id: string;
  type: string;
  occurred_at: string;
  recorded_at: string;
  data: Record<string, unknown>;
};

/** The events that tell of a subject, in the order in which they came. */
export function subjectEvents(
  db: Executor,
  contracts: ReadonlyMap<string, EventContract>,
  subject: Subject,
): Promise<SubjectEvent[]> {
  return db.query<SubjectEvent>(
    `with telling as (
       select type, field
       from jsonb_to_recordset($1::jsonb) as row(type text, field text)
     )
     select entry.log_id, entry.event_key, entry.source, entry.event_id, entry.type, entry.occurred_at, entry.recorded_at, entry.data
     from events.entry
     join telling on telling.type = entry.type
     where entry.namespace = $2
       and entry.data ->> telling.field = $3
     order by entry.seq, entry.ordinal`,
    [JSON.stringify(subjectFields(contracts, subject.kind)), subject.namespace, subject.id],
  );
}
