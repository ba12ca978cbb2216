export { createAdmin } from "./accounts.ts";
export { type RunningAdmin, startAdmin } from "./server.ts";
