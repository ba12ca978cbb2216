export { createKey } from "./keys.ts";
export { type RunningApi, startApi } from "./server.ts";
