export type { ContractChange, Reach } from "./change.ts";
export { columnsOf, LOG_COLUMNS } from "./columns.ts";
export { compareContracts } from "./compare.ts";
export { defineEvent, type EventDefinition, NORMALISER } from "./define.ts";
export { type ContractDescription, contractMarkdown, describeContract, type FieldDescription, jsonSchema } from "./describe.ts";
export * from "./fields/index.ts";
export {
  type Entity,
  entities,
  everyType,
  type Mode,
  type ModeBook,
  type Modes,
  modeNames,
  modesFor,
  usualModes,
} from "./modes.ts";
export { snakeCase, viewName } from "./names.ts";
export { type ContractRegistry, checkBody, contractRegistry, type EnvelopeBody, type Judgement } from "./registry.ts";
export { readVersion } from "./schemaver.ts";
export { type ContractSnapshot, readSnapshot, snapshotOf, snapshotText } from "./snapshot.ts";
export { hasAny, type Invariant, type VersionDefinition } from "./version.ts";
