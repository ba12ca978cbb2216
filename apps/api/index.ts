export * from "./keys.ts";
export { type ApiOptions, type RunningApi, startApi } from "./server.ts";
