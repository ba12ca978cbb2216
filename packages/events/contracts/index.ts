export { columnsOf, LOG_COLUMNS } from "./columns.ts";
export { defineEvent, type EventDefinition, NORMALISER } from "./define.ts";
export { type ContractDescription, contractMarkdown, describeContract, type FieldDescription, jsonSchema } from "./describe.ts";
export * from "./fields/index.ts";
export { snakeCase, viewName } from "./names.ts";
export { type ContractRegistry, checkBody, contractRegistry, type EnvelopeBody, type Judgement } from "./registry.ts";
export { hasAny, type Invariant, type VersionDefinition } from "./version.ts";
