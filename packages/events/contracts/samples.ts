import type { ContractField, Dialect, EventContract, FieldForm } from "@jukebase/platform/contract.ts";
import { columnsOf } from "./columns.ts";
import { joined, putAt } from "./places.ts";

/** A made-up event of one version: as sent, as the log stores it, and as the newest typed view shows it. */
export type StoredSample = {
  readonly sent: Readonly<Record<string, unknown>>;
  readonly data: Readonly<Record<string, unknown>>;
  readonly columns: Readonly<Record<string, unknown>>;
};

/** Two events of a version, one that says all it may and one that says the least; an event that a rule over several fields refuses is left out. */
export const samplesOf = (contract: EventContract, version: number): StoredSample[] => {
  const { fields } = contract.details(version);
  const least = fields.filter(({ path }) => isDemanded(path, fields));
  return [fields, least].flatMap((some) => {
    const sent = bodyOf(some);
    const data = storedAs(contract, version, sent);
    return data === undefined ? [] : [{ sent, data, columns: columnsOf(contract, data, version) }];
  });
};

/** What the log would hold of a sample as it was sent, tokens in place of what tells of persons; undefined when it is refused. */
export const storedAs = (
  contract: EventContract,
  version: number,
  sent: StoredSample["sent"],
): Record<string, unknown> | undefined => {
  const verdict = contract.normalise(sent, version, sampleTime, sampleDialect);
  if (!verdict.ok) return undefined;
  return verdict.value.pii.reduce((body, { path }) => putAt(body, path, "tok_sample"), verdict.value.data);
};

const sampleDialect: Dialect = { timeZone: "UTC", currency: "USD" };
const sampleTime = "2025-01-10T10:00:00Z";

// Asked of a field: whether it and every group around it must be there.
const isDemanded = (path: string, fields: readonly ContractField[]): boolean =>
  fields.every((field) => field.required || (field.path !== path && !path.startsWith(`${field.path}.`)));

const bodyOf = (fields: readonly ContractField[]): Record<string, unknown> =>
  fields.reduce<Record<string, unknown>>(
    (body, { path, form }) => (form.name === "group" ? joined(body, putAt({}, path, {})) : putAt(body, path, sampleValue(form))),
    {},
  );

// By the name of the field's builder; one that is not known here is text.
const sampleValue = (form: FieldForm): unknown => values[form.name]?.(form) ?? "sample";

const values: Readonly<Partial<Record<string, (form: FieldForm) => unknown>>> = {
  id: () => "id-1",
  integer: within,
  decimal: (form) => (form.min === undefined && form.max === undefined ? "1.50" : within(form)),
  money: () => "12.50",
  oneOf: ({ values: [first] = [] }) => first,
  flag: () => true,
  date: () => "2025-01-31",
  birthDate: () => "1987-06-05",
  instant: () => "2025-01-10T10:00:00.5+01:00",
  seconds: () => "4:18",
  currency: () => "USD",
};

function within({ min = 1, max = min }: FieldForm): number {
  return Math.min(Math.max(1, min), max);
}
