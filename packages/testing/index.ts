export { fixedClock } from "./clock.ts";
export { type Beginning, type TestDatabase, testDatabase } from "./postgres.ts";
export { lawCases, wantsMedium } from "./runs.ts";
export { unzip } from "./unzip.ts";
