export { fixedClock } from "./clock.ts";
export { lawCases } from "./runs.ts";
export { type TestDatabase, testDatabase } from "./postgres.ts";
