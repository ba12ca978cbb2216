export { fixedClock } from "./clock.ts";
export { type TestDatabase, testDatabase } from "./postgres.ts";
