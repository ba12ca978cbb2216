import { entities, modeNames } from "@jukebase/events";
import { z } from "zod";
import { codes } from "./refusal.ts";

const issue = z.object({
  path: z.string().describe("Where, as a JSON path."),
  rule: z.string().describe("The rule in words, and what to do."),
  code: z.string().describe("A stable code of the rule."),
});

// An event as it is sent.
const envelope = z
  .object({
    type: z.string().describe("Which contract it follows, for example Payment.PaymentReceived; see /v1/contracts."),
    id: z
      .union([z.string(), z.number()])
      .optional()
      .describe("Unique within the source. Without it, equal events of one request are told apart by their order."),
    version: z
      .union([z.number().int(), z.string().regex(/^[1-9]\d*(-\d+-\d+)?$/)])
      .optional()
      .describe("Of the contract, as 2 or by its full name, 2-0-1; the newest that fits otherwise."),
    time: z.string().optional().describe("When it happened (ISO 8601), where the body does not say so."),
    data: z.record(z.string(), z.unknown()).optional().describe("The body, as the contract of the type says."),
    amends: z.string().optional().describe("The id of the event that this one replaces."),
    retracts: z.string().optional().describe("The id of the event that never happened."),
  })
  .describe("One event.");

const events = z
  .union([envelope, z.array(envelope)])
  .describe("One event, an array of events, or (as application/x-ndjson) one event to a line.");

// A CloudEvent in structured mode.
const cloudEvent = z
  .looseObject({
    specversion: z.literal("1.0"),
    id: z.string().describe("Unique within its source; both together are the event's id here."),
    source: z.string().describe("A URI reference. Where it is the name of the key's source, the id alone is the event's id."),
    type: z.string().describe("Which contract it follows; see /v1/contracts."),
    time: z.string().optional(),
    datacontenttype: z.string().optional().describe("A JSON media type, or nothing."),
    dataschema: z.string().optional().describe("May name the contract's version at its end: ….v2.json or ?version=2."),
    dataversion: z.union([z.string(), z.number().int()]).optional().describe("An extension: the contract's version."),
    data: z.record(z.string(), z.unknown()).optional().describe("The body, as the contract of the type says."),
    data_base64: z.string().optional().describe("The same as JSON in base64."),
    amends: z
      .string()
      .optional()
      .describe("An extension: the id, in the same CloudEvents source, of the event that this one replaces."),
    retracts: z.string().optional().describe("An extension: likewise, of the event that never happened."),
  })
  .describe("One CloudEvent 1.0. Other extensions are kept, sealed.");

const cloudEvents = z.array(cloudEvent).describe("A batch of CloudEvents.");

/** What became of one event of a request, in the order sent. */
export const intakeResult = z.object({
  index: z.number().int().describe("Its place in the request, from 0."),
  status: z.enum(["accepted", "duplicate", "quarantined", "refused"]),
  id: z.string().nullable().describe("Its id within the source; null where what was sent has none that can be read."),
  receipt: z
    .string()
    .optional()
    .describe("The event's key in the log, or its place in quarantine; GET /v1/events/{id} takes it. None for what was refused."),
  duplicate: z.literal(true).optional().describe("It was known already, with the same body: nothing was added."),
  reason: z
    .string()
    .optional()
    .describe(
      "Why it was quarantined or refused: the code of the first issue; discarded-row where a mode of its contract discarded it.",
    ),
  resolution: z
    .string()
    .optional()
    .describe(
      "For discarded-row: which mode discarded it, and where it is kept. Nobody will look at it: mend it where it is made.",
    ),
  quarantine: z.string().optional().describe("Where the quarantined item is found."),
  issues: z.array(issue).optional().describe("Why it was quarantined or refused."),
});

/** The answer to a request that brought events. */
export const intakeAnswer = z
  .object({
    received: z.number().int(),
    accepted: z.number().int(),
    duplicates: z.number().int(),
    quarantined: z.number().int(),
    refused: z.number().int().describe("Events of types that the key may not send: neither received nor kept."),
    results: z.array(intakeResult),
  })
  .describe("received = accepted + duplicates + quarantined (those that a mode discarded among them). All of it is committed.");

// What one projection has made of an event.
const projectionFate = z.object({
  projection: z.string(),
  state: z
    .enum(["projected", "changed", "waiting", "parked", "withdrawn", "not-read"])
    .describe("changed: it amends or retracts another, whose rows are shown. withdrawn: a retraction took it out."),
  rows: z.array(z.object({ table: z.string(), key: z.record(z.string(), z.unknown()) })).describe("Where it stands."),
  waits_for: z
    .array(z.object({ kind: z.string(), id: z.string(), since: z.string() }))
    .describe("Parents that have not arrived."),
  parked: z.object({ error: z.string(), since: z.string() }).nullable().describe("Why the projection could not apply it."),
  withdrawn_by: z.array(z.string()).describe("Ids of the events that retract it."),
});

const change = z.object({
  event_id: z.string().describe("Its id, or its receipt where it is archived."),
  how: z.enum(["amends", "retracts"]),
});

/** What became of one event. */
export const eventAnswer = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("logged"),
    receipt: z.string(),
    id: z.string(),
    source: z.string(),
    type: z.string(),
    version: z.number().int(),
    occurred_at: z.string(),
    recorded_at: z.string(),
    seq: z.number().int().describe("Its batch's place in the log."),
    ordinal: z.number().int().describe("Its place in the batch."),
    data: z.record(z.string(), z.unknown()).describe("The normalised body; what tells of persons stands as tokens."),
    sent: z.record(z.string(), z.unknown()).nullable().describe("The sent form of each field that normalising changed."),
    amends: z.string().nullable(),
    retracts: z.string().nullable(),
    archived: z
      .object({ since: z.string().describe("When it left the log."), file: z.string().describe("The archive's file.") })
      .nullable()
      .describe(
        "Where it stands if it left the log with its month: it counts as before, and what comes later may still change it.",
      ),
    discarded: z
      .array(
        z.object({
          quarantine: z
            .string()
            .describe("The item in quarantine that keeps these values, sealed, with the state discarded-value."),
          since: z.string(),
          issues: z.array(issue).describe("Which values, and the rules that they broke."),
          readable: z.boolean().describe("Not after the key of their day expired, or whoever they tell of was erased."),
        }),
      )
      .describe("Values that a mode of the contract (discard_value) took out before the event was logged; empty for most."),
    changed_by: z.array(change),
    projections: z.array(projectionFate).describe("One for each projection that reads its type."),
  }),
  z.object({
    status: z.literal("quarantined"),
    receipt: z.string(),
    quarantine: z.string(),
    id: z.string().nullable(),
    type: z.string().nullable(),
    reason: z.string(),
    issues: z.array(issue),
    state: z.string().describe("open, replayed, discarded or expired."),
    received_at: z.string(),
    attempts: z.number().int().describe("Replays that it did not pass."),
    resolved_at: z.string().nullable(),
    resolution: z.string().nullable().describe("What ended its stay, in words."),
  }),
]);

/** How a handed-over file is to be read. */
export const loadQuery = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$/, "is a plain file name")
    .optional()
    .describe("What the file is called."),
  format: z.enum(["ndjson", "json"]).optional().describe("Told from the first bytes otherwise; gzip is known by itself."),
  type: z.string().max(200).optional().describe("The type of bare bodies, which do not say one."),
});

// A file that was taken over.
const loadAccepted = z.object({ id: z.string(), status: z.literal("waiting") });

/** How far a load has come. */
export const loadAnswer = z.object({
  id: z.string(),
  status: z.enum(["waiting", "running", "done", "failed"]),
  received: z.number().int(),
  accepted: z.number().int(),
  duplicates: z.number().int(),
  quarantined: z.number().int(),
  finished_at: z.string().nullable(),
  error: z.string().nullable(),
});

const field = z.object({ name: z.string(), type: z.string(), description: z.string() });

/** A question that can be asked. */
export const reportSummary = z.object({
  name: z.string(),
  domain: z.string(),
  title: z.string(),
  description: z.string().describe("The question, and the rule by which it is answered."),
  columns: z.array(field),
  grains: z.array(z.string()),
  default_grain: z.string(),
  filters: z.array(z.string()),
  options: z.record(z.string(), z.unknown()).describe("JSON Schema of the report's own options."),
});

// Every question.
const reportList = z.object({ reports: z.array(reportSummary) });

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);

// An answer to a question.
const reportAnswer = z.object({
  report: z.string(),
  params: z.record(z.string(), z.unknown()),
  as_of: z.object({
    seq: z.number().int().describe("The last batch of the log that is in the answer."),
    at: z.string().nullable().describe("When that batch was received."),
    by: z.record(z.string(), z.number().int()).describe("How far each projection had read."),
  }),
  columns: z.array(field),
  rows: z.array(z.record(z.string(), cell)).describe("Money and numeric are decimal strings."),
});

// Every event type.
const contractList = z.object({
  contracts: z.array(
    z.object({
      type: z.string(),
      description: z.string(),
      version: z.number().int().describe("The newest."),
      versions: z.array(z.number().int()),
      schemavers: z.array(z.string()).describe("The full name of each version: MODEL-REVISION-ADDITION."),
      modes: z
        .record(z.enum(entities), z.enum(modeNames))
        .describe(
          "What becomes of a type without a contract, a field that the contract does not name, a value that breaks its rule.",
        ),
      needs: z.array(z.string()).describe("Parents without which an event waits."),
    }),
  ),
});

// A JSON Schema.
const jsonSchemaDocument = z.record(z.string(), z.unknown());

// Whether the process can serve.
const health = z.object({ status: z.string(), checks: z.record(z.string(), z.string()).optional() });

// Why a request was refused.
const failure = z.object({
  error: z.object({
    code: z.enum(Object.keys(codes) as [string, ...string[]]).describe("Decide by this."),
    message: z.string().describe("For people."),
    request_id: z.string().describe("Finds the request in the log."),
  }),
});

/** Every schema by its name in the OpenAPI document. */
export const components = {
  Events: events,
  CloudEvent: cloudEvent,
  CloudEvents: cloudEvents,
  Intake: intakeAnswer,
  Event: eventAnswer,
  LoadAccepted: loadAccepted,
  Load: loadAnswer,
  Reports: reportList,
  Report: reportAnswer,
  Contracts: contractList,
  JsonSchema: jsonSchemaDocument,
  Health: health,
  Failure: failure,
} as const;
