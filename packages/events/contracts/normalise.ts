import type { ContractIssue, Dialect, EventContract, NormalisedBody } from "@jukebase/platform/contract.ts";
import { INSTANT_RULE, readInstant } from "./fields/instant.ts";
import { leaveClasses } from "./leave-classes.ts";
import { unknownIn } from "./unknown.ts";
import { isObject, unwrap } from "./unwrap.ts";
import { schemaverOf, type Version, versionFor } from "./version.ts";
import { type Findings, walk } from "./walk.ts";

/** What normalising needs of a contract. */
export type Normalisable = {
  readonly type: string;
  /** Newest first. */
  readonly versions: readonly Version[];
  readonly wrapper: string | undefined;
  /** Name of the field that says when the event happened. */
  readonly occurredAt: string;
  readonly subject: { readonly kind: string; readonly field: string } | undefined;
};

/** Makes a contract's `normalise`: judges a parsed body, collects every issue, and never throws for bad input. */
export const normaliserOf =
  (contract: Normalisable): EventContract["normalise"] =>
  (body, named, time, dialect) => {
    const newest = contract.versions[0]?.number ?? 1;
    if (!isObject(body))
      return rejected(newest, [{ path: "$", code: "not-an-object", rule: "The body of an event is a JSON object." }]);
    const { body: fields, home } = unwrap(body, contract.wrapper);
    const version = versionFor(contract.versions, fields, named);
    if (version === undefined) return rejected(newest, [unknownVersion(contract)]);
    const findings: Findings = { issues: [], sent: {}, pii: [] };
    const data = walk(fields, version.shape, { dialect, home }, findings);
    leaveClasses(version.leaves, findings.pii, data, findings.sent);
    settleTime(data, contract.occurredAt, { time, dialect, fields, issues: findings.issues });
    if (findings.issues.length === 0) findings.issues.push(...brokenInvariants(version, data));
    if (findings.issues.length > 0) return rejected(version.number, findings.issues);
    const unknown = unknownIn(body, version.shape, contract.wrapper);
    return {
      ok: true,
      value: acceptedBody(contract, version, { data, unknown, issues: findings.issues, sent: findings.sent, pii: findings.pii }),
    };
  };

const rejected = (version: number, issues: readonly ContractIssue[]) => ({ ok: false, version, issues }) as const;

const unknownVersion = ({ type, versions }: Normalisable): ContractIssue => ({
  path: "$.version",
  code: "unknown-version",
  rule: `${type} has no such version; known: ${versions.map(schemaverOf).reverse().join(", ")}.`,
});

type Clock = {
  readonly time: string | undefined;
  readonly dialect: Dialect;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly issues: ContractIssue[];
};

const settleTime = (data: Record<string, unknown>, field: string, { time, dialect, fields, issues }: Clock): void => {
  if (data[field] !== undefined || (Object.hasOwn(fields, field) && fields[field] !== null && fields[field] !== undefined))
    return;
  if (time === undefined) {
    issues.push({
      path: `$.${field}`,
      code: "missing",
      rule: `Is missing, and the envelope has no time. Expected: ${INSTANT_RULE}`,
    });
    return;
  }
  const reading = readInstant(time, dialect);
  if (reading.ok) data[field] = reading.value;
  else
    issues.push({ path: "$.time", code: reading.code, rule: `The envelope's time: ${reading.reason} Expected: ${INSTANT_RULE}` });
};

const brokenInvariants = (version: Version, data: Readonly<Record<string, unknown>>): ContractIssue[] =>
  (version.invariants ?? []).filter(({ holds }) => !holds(data)).map(({ path, code, rule }) => ({ path, code, rule }));

const acceptedBody = (
  { occurredAt, subject }: Normalisable,
  version: Version,
  { data, sent, pii, unknown }: Pick<NormalisedBody, "data" | "unknown"> & Findings,
): NormalisedBody => ({
  version: version.number,
  occurredAt: String(data[occurredAt]),
  data,
  sent,
  pii,
  subject: subject === undefined ? undefined : `${subject.kind}:${String(data[subject.field])}`,
  unknown,
});
