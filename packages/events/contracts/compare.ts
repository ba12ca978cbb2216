import type { EventContract } from "@jukebase/platform/contract.ts";
import type { ContractChange } from "./change.ts";
import { compareFields } from "./compare-fields.ts";
import { compareVersion, misnamed } from "./compare-version.ts";
import type { ContractSnapshot } from "./snapshot.ts";

/** Every difference between released contracts and today's, field by field; what may not be released so says why. */
export const compareContracts = (before: readonly ContractSnapshot[], today: readonly EventContract[]): ContractChange[] => {
  const now = new Map(today.map((contract) => [contract.type, contract]));
  const known = new Set(before.map(({ type }) => type));
  return [
    ...before.flatMap((released) => {
      const contract = now.get(released.type);
      return contract === undefined ? [typeGone(released.type)] : compareOne(released, contract);
    }),
    ...today.filter(({ type }) => !known.has(type)).flatMap(typeAdded),
  ];
};

const typeGone = (type: string): ContractChange => ({
  type,
  version: undefined,
  path: undefined,
  reach: "model",
  what: "The type is gone.",
  refusal: "The log may hold events of it, which nobody could read: keep its contract.",
});

const typeAdded = (contract: EventContract): ContractChange[] => [
  { type: contract.type, version: undefined, path: undefined, reach: "addition", what: "A new type.", refusal: undefined },
  ...contract.versions.flatMap((version) => freshName(contract, version)),
];

const compareOne = (before: ContractSnapshot, contract: EventContract): ContractChange[] => {
  const known = new Map(before.versions.map((version) => [version.version, version]));
  const newest = Math.max(...known.keys());
  const gone = [...known.keys()].filter((version) => !contract.versions.includes(version));
  return [
    ...identityChanges(before, contract),
    ...gone.map((version) => versionGone(contract.type, version)),
    ...contract.versions.flatMap((version) => {
      const released = known.get(version);
      return released === undefined
        ? versionAdded(contract, version, newest)
        : compareVersion({ released, before, contract, newest });
    }),
  ];
};

const versionGone = (type: string, version: number): ContractChange => ({
  type,
  version,
  path: undefined,
  reach: "model",
  what: `Version ${version} is gone.`,
  refusal: "The log may hold events of it, which nobody could read: keep it.",
});

// A new model may say anything; but what it takes away or reads otherwise must be made of what older events say.
const versionAdded = (contract: EventContract, version: number, newest: number): ContractChange[] => {
  const { type } = contract;
  const before = contract.versions[contract.versions.indexOf(version) - 1];
  const isLater = version > newest && before !== undefined;
  const today = contract.details(version);
  const fields = isLater ? compareFields(contract.details(before).fields, today.fields) : [];
  const fresh: ContractChange = {
    type,
    version,
    path: undefined,
    reach: "model",
    what: `Version ${version} is new.`,
    refusal: isLater ? undefined : `Version ${newest} was released before: call the new one ${newest + 1}.`,
  };
  const rewritten = fields
    .filter(({ rewrites }) => rewrites)
    .map(({ path, reach, what }): ContractChange => {
      const refusal = today.upcasts
        ? undefined
        : `Stored events of version ${before} would be read wrongly: give version ${version} an upcast.`;
      return { type, version, path, reach, what, refusal };
    });
  return [fresh, ...rewritten, ...freshName(contract, version)];
};

const freshName = ({ type, details }: EventContract, version: number): ContractChange[] =>
  misnamed(type, version, details(version).schemaver, `${version}-0-0`);

const identityChanges = (before: ContractSnapshot, { type, naturalKey, subject }: EventContract): ContractChange[] => {
  const person = subject && `${subject.kind} ${subject.field}`;
  const found = [
    ...(before.naturalKey === naturalKey ? [] : [`The natural key was ${before.naturalKey} and is ${naturalKey}.`]),
    ...(before.subject === undefined || before.subject === person
      ? []
      : [`Whom it tells of was ${before.subject} and is ${person ?? "nobody"}.`]),
  ];
  const refusal = "This holds for all versions and for all that is stored: leave it, or make another type.";
  return found.map((what) => ({ type, version: undefined, path: undefined, reach: "model", what, refusal }));
};
