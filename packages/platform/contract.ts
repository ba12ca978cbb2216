import type { ZodType } from "zod";

/** A parent that an event speaks of: `kind` names the dimension, `column` the typed view's column that holds its natural id. */
export type Reference = { readonly kind: string; readonly column: string };

/** One column of the typed SQL view over the log. `path` leads into the newest version's normalised body. */
export type ContractColumn = {
  readonly name: string;
  readonly sql: "text" | "numeric" | "integer" | "boolean" | "timestamptz" | "date" | "jsonb";
  readonly path: readonly string[];
  readonly description: string;
  readonly pii: boolean;
};

/** A body after its contract: normalised, with the sent form of whatever changed, split from PII and unknown fields. */
export type NormalisedBody = {
  readonly version: number;
  /** Instant of the event, ISO 8601 in UTC with up to microseconds. */
  readonly occurredAt: string;
  /** The normalised body; a PII field is absent here until the vault has put its token in. */
  readonly data: Record<string, unknown>;
  /** JSON path → value as sent, for each field that normalising changed. Never holds PII. */
  readonly sent: Record<string, unknown>;
  /** PII values by JSON path, as normalised text. */
  readonly pii: readonly { readonly path: string; readonly kind: string; readonly value: string }[];
  /** Who the PII tells of, as `kind:natural id`; undefined when the contract holds no PII. */
  readonly subject: string | undefined;
  /** Fields that no contract names, kept only encrypted. */
  readonly unknown: Record<string, unknown> | undefined;
};

/** Why a body broke its contract: where, the rule in words, and a stable code. */
export type ContractIssue = { readonly path: string; readonly rule: string; readonly code: string };

/** What a source declares about its own dialect; needed to read dates that could be read in two ways. */
export type Dialect = {
  readonly dateOrder?: "dmy" | "mdy" | "ymd" | undefined;
  /** IANA zone of timestamps without one. */
  readonly timeZone: string;
  /** ISO 4217 code of amounts without one. */
  readonly currency: string;
};

/** What a field's builder was given: releases of a contract are compared by it. */
export type FieldForm = {
  readonly name: string;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly sign?: "any" | "not negative" | "positive";
  readonly values?: readonly string[];
};

/** One field, or one group of fields, of one version. */
export type ContractField = {
  readonly path: string;
  /** Whether the object that holds it must have it. */
  readonly required: boolean;
  readonly form: FieldForm;
  readonly rule: string;
  /** Kind of PII, where it tells of a person. */
  readonly pii?: string | undefined;
  /** Its view column; undefined for a group, for the moment of the event, and where the newest version has none. */
  readonly column?: string | undefined;
};

/** One version of a contract, for those who compare and describe. */
export type ContractVersion = {
  readonly version: number;
  /** MODEL-REVISION-ADDITION; the model is the version. */
  readonly schemaver: string;
  readonly fields: readonly ContractField[];
  /** The rules over several fields. */
  readonly invariants: readonly ContractIssue[];
  /** Whether data of the version before is rewritten to become this one. */
  readonly upcasts: boolean;
};

/** Optional values that broke their rules, taken out of a body. */
export type Spared = {
  readonly body: unknown;
  /** Where each stood as sent, the value as sent, and the rule it broke. */
  readonly broken: readonly { readonly path: string; readonly value: unknown; readonly issue: ContractIssue }[];
};

/** The schema of one event type, in all its versions. Made by `defineEvent` of `@jukebase/events`. */
export type EventContract = {
  readonly type: string;
  readonly description: string;
  /** The newest version. */
  readonly version: number;
  readonly versions: readonly number[];
  readonly columns: readonly ContractColumn[];
  /** Parents without which the event waits. */
  readonly needs: readonly Reference[];
  /** Parents that may be missing: the event counts at once and is listed as unattributed until they come. */
  readonly refers: readonly Reference[];
  /** Name of the column that identifies the thing spoken of; observations are compared by it. */
  readonly naturalKey: string;
  /** Whom PII in the body tells of: the kind, and the field with the natural id; undefined where the contract holds none. */
  readonly subject: { readonly kind: string; readonly field: string } | undefined;
  /** Changes when the same body would be normalised differently. */
  readonly normaliser: number;
  /** The zod schema of one version's body as a sender may write it. */
  readonly schema: (version?: number) => ZodType;
  /** The rule of each field, for the documentation. */
  readonly rules: (
    version?: number,
  ) => readonly { readonly path: string; readonly required: boolean; readonly rule: string; readonly pii: boolean }[];
  /** Judges and normalises a parsed body. Never throws for bad input. */
  readonly normalise: (
    body: unknown,
    version: number | undefined,
    time: string | undefined,
    dialect: Dialect,
  ) =>
    | { readonly ok: true; readonly value: NormalisedBody }
    | { readonly ok: false; readonly version: number; readonly issues: readonly ContractIssue[] };
  /** One version in detail; the newest unless told. */
  readonly details: (version?: number) => ContractVersion;
  /** Whether every issue that `normalise` found in a body is a value that breaks its field's rule. */
  readonly breaksByValue: (body: unknown, version: number, issues: readonly ContractIssue[]) => boolean;
  /** The body without the optional values that broke their rules; undefined where one cannot be spared. */
  readonly spare: (body: unknown, version: number, issues: readonly ContractIssue[]) => Spared | undefined;
  /** The paths of the fields that a normalised body's `unknown` holds. */
  readonly strangers: (unknown: Readonly<Record<string, unknown>>, version: number) => readonly string[];
  /** Raises a normalised body of an older version to the newest. */
  readonly upcast: (data: Record<string, unknown>, version: number) => Record<string, unknown>;
  /** The SELECT of the typed view: one row per event of this type in `relation`, columns raised to the newest version. */
  readonly select: (relation: string) => string;
};
