import type { ContractField, FieldForm } from "@jukebase/platform/contract.ts";
import type { Reach } from "./change.ts";

/** One difference between the fields of a version then and now. */
export type FieldChange = {
  readonly path: string;
  readonly reach: Reach;
  readonly what: string;
  /** Whether what older versions stored must be rewritten to be read by this one. */
  readonly rewrites: boolean;
};

/** What became of the fields of a version; groups speak for what is in them when they are new or gone. */
export const compareFields = (before: readonly ContractField[], today: readonly ContractField[]): FieldChange[] => {
  const [then, now] = [byPath(before), byPath(today)];
  const gone = before.filter(({ path }) => !now.has(path) && !parentIsMissing(path, now, then)).map(removed);
  const fresh = today.filter(({ path }) => !then.has(path) && !parentIsMissing(path, then, now)).map(added);
  const kept = today.flatMap((field) => {
    const known = then.get(field.path);
    return known === undefined ? [] : changesOf(known, field);
  });
  return [...gone, ...fresh, ...kept];
};

const byPath = (fields: readonly ContractField[]): ReadonlyMap<string, ContractField> =>
  new Map(fields.map((field) => [field.path, field]));

// Whether the group that holds a field is there on one side only, so that the group tells the whole of it.
const parentIsMissing = (path: string, here: ReadonlyMap<string, ContractField>, there: ReadonlyMap<string, ContractField>) => {
  const parent = path.slice(0, path.lastIndexOf("."));
  return there.has(parent) && !here.has(parent);
};

const removed = ({ path, column }: ContractField): FieldChange => ({
  path,
  reach: "model",
  rewrites: true,
  what: `The field is gone: what senders still put there is no longer read${column === undefined ? "" : `, and readers miss the column ${column}`}.`,
});

const added = ({ path, required }: ContractField): FieldChange =>
  required
    ? {
        path,
        reach: "model",
        rewrites: false,
        what: "A new required field: events without it, which were right until now, are refused.",
      }
    : { path, reach: "addition", rewrites: false, what: "A new optional field." };

const changesOf = (before: ContractField, today: ContractField): FieldChange[] => {
  const { path } = today;
  const change = (reach: Reach, what: string, rewrites = false): FieldChange => ({ path, reach, what, rewrites });
  const found: FieldChange[] = [];
  if (!before.required && today.required)
    found.push(change("model", "The field was optional and is required: events without it are refused."));
  if (before.required && !today.required)
    found.push(change("addition", "The field was required and is optional: readers may find it empty."));
  if (before.pii !== today.pii) found.push(change("model", personalChange(before.pii, today.pii)));
  if (before.column !== today.column)
    found.push(
      change(
        "model",
        `Its view column was ${before.column ?? "none"} and is ${today.column ?? "none"}: readers look for the other.`,
      ),
    );
  return [
    ...found,
    ...formChanges(before, today).map(({ reach, what }) => change(reach, what, before.form.name !== today.form.name)),
  ];
};

const personalChange = (before: string | undefined, today: string | undefined): string => {
  if (before === undefined)
    return `The field now tells of a person (${today}): the log already holds its values as they were sent.`;
  if (today === undefined) return "The field no longer tells of a person: stored events hold tokens where new ones hold values.";
  return `What it tells of a person was ${before} and is ${today}.`;
};

type FormChange = { readonly reach: Reach; readonly what: string };

const formChanges = (before: ContractField, today: ContractField): FormChange[] => {
  if (before.form.name !== today.form.name) {
    const what = `The field was ${before.form.name} and is ${today.form.name}: the same value is read in another way.`;
    return [{ reach: "model", what }];
  }
  const bounds = [...boundChanges(before.form, today.form), ...valueChanges(before.form, today.form)];
  if (bounds.length > 0 || before.rule === today.rule) return bounds;
  return [{ reach: "revision", what: "Its rule is told in other words: some values may be read in another way." }];
};

const boundChanges = (before: FieldForm, today: FieldForm): FormChange[] => {
  const ranges = [
    ["the least", before.min ?? -Infinity, today.min ?? -Infinity],
    ["the greatest", -(before.max ?? Infinity), -(today.max ?? Infinity)],
    ["the sign", signs.indexOf(before.sign ?? "any"), signs.indexOf(today.sign ?? "any")],
  ] as const;
  return ranges.flatMap(([bound, then, now]): FormChange[] => {
    if (then === now) return [];
    return now > then
      ? [{ reach: "model", what: `Its rule is tighter (${bound}): values that were right until now are refused.` }]
      : [{ reach: "addition", what: `Its rule is wider (${bound}): readers may meet values that they never met.` }];
  });
};

const signs = ["any", "not negative", "positive"];

const valueChanges = ({ values: before = [] }: FieldForm, { values: today = [] }: FieldForm): FormChange[] => {
  const gone = before.filter((value) => !today.includes(value));
  const fresh = today.filter((value) => !before.includes(value));
  return [
    ...(gone.length > 0
      ? [{ reach: "model" as const, what: `No longer takes ${gone.join(", ")}: such events are refused.` }]
      : []),
    ...(fresh.length > 0 ? [{ reach: "addition" as const, what: `Also takes ${fresh.join(", ")}: readers may meet it.` }] : []),
  ];
};
